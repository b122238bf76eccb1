"""The laws of the house that a machine can check."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from apps.common.fields import MoneyField
from apps.common.models import OwnedModel
from nija.reactions import REACTIONS

ROOT = Path(__file__).parents[1]
OUR_APPS = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
OUR_MODELS = [model for config in OUR_APPS for model in config.get_models()]

# Methods that always write, and methods that write when called on a manager or queryset.
WRITES = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES_ON_ROWS = {"create", "update", "delete"}
BULK = {"copy_rows", "update_rows"}
MAY_WRITE = ("services", "models", "migrations")


def test_only_services_and_models_write_rows() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {call}"
        for path in _sources("apps")
        if not _may_write(path)
        for line, call in _writes(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "Order.objects.filter(pk=1).update(status='filled')",
        "order.save()",
        "Order.objects.create(side='buy')",
        "bulk.copy_rows(Order, columns, rows)",
        "cursor.execute('UPDATE execution_order SET status = 1')",
    ],
)
def test_the_search_for_writes_finds_one(source: str) -> None:
    assert list(_writes(source))


def test_the_search_for_writes_knows_a_dict() -> None:
    assert list(_writes("totals.update(other)\nseen = set()\nseen.update(found)")) == []


def test_every_recorded_event_has_a_line_in_reactions() -> None:
    recorded = {kind for path in _sources("apps") for kind in _event_kinds(path.read_text())}
    assert recorded == set(REACTIONS)


def test_money_columns_are_of_the_one_field_type() -> None:
    strangers = [
        f"{model.__name__}.{field.name}"
        for model in OUR_MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, models.DecimalField) and not isinstance(field, MoneyField)
    ]
    assert strangers == []


def test_mode_is_stamped_on_every_row_of_a_tenant_that_carries_money() -> None:
    unstamped = [
        model.__name__
        for model in OUR_MODELS
        if issubclass(model, OwnedModel)
        and any(isinstance(field, MoneyField) for field in model._meta.concrete_fields)
        and not any(field.name == "mode" for field in model._meta.concrete_fields)
    ]
    assert unstamped == []


def test_nobody_catches_everything_but_the_relay_and_who_asks_strategies() -> None:
    """Why these two may: docs/decisions/0010."""
    broad = [
        str(path.relative_to(ROOT))
        for folder in ("apps", "trading", "nija")
        for path in _sources(folder)
        if _catches_everything(path.read_text())
    ]
    assert broad == ["apps/events/services/relay.py", "trading/mistakes.py"]


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    act()\nexcept (OSError, Exception):\n    pass",
        "try:\n    act()\nexcept:\n    pass",
        "with contextlib.suppress(KeyError, Exception):\n    act()",
        "class Quiet:\n    def __exit__(self, *_):\n        return True",
    ],
)
def test_the_search_for_broad_handlers_finds_one(source: str) -> None:
    assert _catches_everything(source)


def test_the_search_for_broad_handlers_knows_what_is_named() -> None:
    named = "try:\n    act()\nexcept OSError:\n    pass\nwith suppress(KeyError):\n    act()"
    closes = "class Open:\n    def __exit__(self, *_):\n        self.close()"
    assert not _catches_everything(f"{named}\n{closes}")


def test_no_app_connects_django_signals() -> None:
    connected = [
        str(path.relative_to(ROOT))
        for path in _sources("apps")
        for name in ("django.dispatch", "django.db.models.signals")
        if name in path.read_text()
    ]
    assert connected == []


def _sources(folder: str) -> Iterator[Path]:
    return (
        path for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
    )


def _may_write(path: Path) -> bool:
    if path == ROOT / "apps/common/bulk.py":
        return True
    return any(part in MAY_WRITE or part.removesuffix(".py") in MAY_WRITE for part in path.parts)


def _writes(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, receiver = node.func.attr, ast.unparse(node.func.value)
            on_rows = "objects" in receiver or ".filter(" in receiver
            if name in WRITES | BULK or (name in WRITES_ON_ROWS and on_rows):
                yield node.lineno, ast.unparse(node.func)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            statement = node.value.lstrip().split(" ")[0]
            if statement in {"INSERT", "UPDATE", "DELETE", "COPY", "TRUNCATE"}:
                yield node.lineno, node.value


def _event_kinds(source: str) -> Iterator[str]:
    """The first argument of `record`, `Fact` and an app's own `tell`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        first = node.args[0]
        if name.lstrip("_") not in {"record", "Fact", "tell"}:
            continue
        if not isinstance(first, ast.Constant):
            continue
        if isinstance(first.value, str) and "." in first.value:
            yield first.value


def _catches_everything(source: str) -> bool:
    """Also what does the same under another form: `suppress`, and an `__exit__` that swallows."""
    return any(
        _is_broad(node) or _suppresses(node) or _swallows(node)
        for node in ast.walk(ast.parse(source))
    )


def _is_broad(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    caught = node.type
    if caught is None:
        return True
    return _names_everything(caught.elts if isinstance(caught, ast.Tuple) else [caught])


def _suppresses(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("suppress"):
        return False
    return _names_everything(node.args)


def _swallows(node: ast.AST) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    if node.name not in {"__exit__", "__aexit__"}:
        return False
    return any(isinstance(each, ast.Return) and each.value for each in ast.walk(node))


def _names_everything(caught: Sequence[ast.expr]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in {"Exception", "BaseException"} for n in caught)
