"""Test databases are copies of one that is migrated once."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import databases


@pytest.mark.django_db
def test_the_copy_lacks_no_migration() -> None:
    executor = MigrationExecutor(connection)
    assert not executor.migration_plan(executor.loader.graph.leaf_nodes())


def test_another_migration_and_what_one_imports_make_another_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "apps" / "shop" / "migrations"
    folder.mkdir(parents=True)
    (tmp_path / "requirements.txt").touch()
    monkeypatch.setattr(databases, "ROOT", tmp_path)
    seen = [databases.fingerprint()]

    (folder / "0001_initial.py").write_text("from apps.shop.catalogue import ALL\n")
    seen.append(databases.fingerprint())
    (tmp_path / "apps" / "shop" / "catalogue.py").write_text("ALL = ()\n")
    seen.append(databases.fingerprint())
    (tmp_path / "apps" / "shop" / "views.py").touch()  # no migration imports it

    assert len(set(seen)) == 3
    assert databases.fingerprint() == seen[-1]
