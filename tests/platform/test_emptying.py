"""Between tests that commit every row goes, however many there were."""

import pytest
from django.contrib.auth.models import Group, Permission

from tests import fakes
from tests.emptying import FEW, empty_tables


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("groups", [1, FEW + 1])
def test_every_row_goes_but_what_is_said_of_models(groups: int) -> None:
    world = fakes.world()
    Group.objects.bulk_create(Group(name=str(number)) for number in range(groups))
    Group.objects.get(name="0").permissions.add(*Permission.objects.all()[:3])
    permissions = Permission.objects.count()

    empty_tables()

    assert not type(world.alice).objects.exists()
    assert not type(world.instrument).objects.exists()
    assert not Group.objects.exists()
    assert Permission.objects.count() == permissions > 100
