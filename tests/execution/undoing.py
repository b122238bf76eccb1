"""Rows as a crash leaves them."""

from django.db import connection

from apps.risk.models import Decision


def undo_last_decision() -> None:
    """As if the process had died before the chunk of this decision was committed."""
    last = Decision.objects.order_by("-pk").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        for statement in (
            "DELETE FROM execution_orderevent WHERE order_id IN "
            "(SELECT id FROM execution_order WHERE decision_id = %s)",
            "UPDATE execution_balance SET reserved = 0 WHERE account_id = "
            "(SELECT account_id FROM risk_decision WHERE id = %s)",
            "DELETE FROM execution_reservation WHERE order_id IN "
            "(SELECT id FROM execution_order WHERE decision_id = %s)",
            "DELETE FROM execution_order WHERE decision_id = %s",
            "DELETE FROM risk_decision WHERE id = %s",
        ):
            cursor.execute(statement, [last])
