from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.asking import user_of
from apps.common.api import asked, success
from apps.common.errors import Refused
from apps.common.paging import after_cursor
from apps.common.schema import answers, lists
from apps.research.api.fields import (
    BacktestFields,
    BacktestsQuestion,
    NewBacktest,
    ResultFields,
)
from apps.research.models import BacktestRun
from apps.research.selectors import backtests, instruments_named, version_named
from apps.research.services import runs
from apps.research.services.limits import LimitsChoice
from apps.research.services.requests import Request

KEY = OpenApiParameter(
    "Idempotency-Key", str, OpenApiParameter.HEADER,
    description="Of your choice, up to 64 characters: asked again with it, you get the same run.",
)  # fmt: skip


class Backtests(APIView):
    @lists("backtests", BacktestFields, asks=BacktestsQuestion)
    def get(self, request: HttpRequest) -> Response:
        """One's own, newest first."""
        said = asked(BacktestsQuestion(data=request.query_params))
        per_page, cursor = said.pop("per_page"), said.pop("cursor", None)
        rows = backtests(request.user, **said)
        found, pagination = after_cursor(rows, per_page=per_page, cursor=cursor)
        shown = BacktestFields(found, many=True).data
        return success({"backtests": shown, "pagination": pagination})

    @extend_schema(parameters=[KEY])
    @answers("start_backtest", BacktestFields, sends=NewBacktest)
    def post(self, request: HttpRequest) -> Response:
        """Ask for one. It is computed in its turn: see `state`, or hear of it on the streams
        (`backtest.…`). The same again while it is not finished is the same run; the same later is
        answered from what was computed.
        """
        said = asked(NewBacktest(data=request.data))
        wanted = Request(
            version=version_named(said["strategy"], said.get("version", "")),
            terms=said.get("settings", {}),
            instruments=instruments_named(said.get("venue", ""), said.get("symbols", ())),
            timeframe=said.get("timeframe", ""),
            began_at=said.get("began_at"),
            until=said.get("until"),
            limits=LimitsChoice(said["limits"]),
            key=request.headers.get("Idempotency-Key", ""),
        )
        run = runs.start(user_of(request), wanted, now=timezone.now())
        return success(BacktestFields(_own(request.user, run.pk)).data)


class Backtest(APIView):
    @answers("backtest", BacktestFields, also=[404])
    def get(self, request: HttpRequest, run: int) -> Response:
        """How far it has got, and its figures when it is done."""
        return success(BacktestFields(_own(request.user, run)).data)


class BacktestResult(APIView):
    @answers("backtest_result", ResultFields, also=[404])
    def get(self, request: HttpRequest, run: int) -> Response:
        """All that came of it. Refused with NOT_DONE until it is done."""
        found = _own(request.user, run)
        if found.result is None:
            raise Refused("NOT_DONE", f"It is {found.state}: there is no result.")
        return success({"result": found.result.payload})


class CancelBacktest(APIView):
    @answers("cancel_backtest", BacktestFields, also=[404])
    def post(self, request: HttpRequest, run: int) -> Response:
        """Cancel it. What is finished already stays as it is."""
        runs.cancel(_own(request.user, run), now=timezone.now())
        return success(BacktestFields(_own(request.user, run)).data)


def _own(user: Any, pk: int) -> BacktestRun:
    """Raises NotFound."""
    run = backtests(user).filter(pk=pk).first()
    if run is None:
        raise NotFound("You have no such backtest.")
    return run
