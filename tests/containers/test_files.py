"""What can be said of the image and its containers by reading their files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.containers.files import ROOT, compose, dockerfile, filled_in, parts, stages

ONCE = "service_completed_successfully"
SECRETS = {"SECRET_KEY", "POSTGRES_PASSWORD"}


def _schema(file: Path, name: str = "compose-spec") -> subprocess.CompletedProcess[str]:
    command = ["check_jsonschema", "--builtin-schema", f"vendor.{name}", str(file)]
    return subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, check=False
    )


def test_the_compose_file_follows_its_schema() -> None:
    found = _schema(ROOT / "docker-compose.yml")
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_schema_notices_a_word_that_compose_does_not_know(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    text = (ROOT / "docker-compose.yml").read_text()
    wrong.write_text(text.replace("    volumes: [", "    volumez: [", 1))
    assert _schema(wrong).returncode != 0


def test_the_workflow_of_a_public_forge_runs_what_everybody_runs() -> None:
    workflow = ROOT / ".github" / "workflows" / "ci.yml"
    found = _schema(workflow, "github-workflows")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "run: .ci/run" in workflow.read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_dockerfile_has_nothing_to_complain_of() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    found = subprocess.run(
        [linter, "--no-color", "Dockerfile"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr


def test_what_the_dockerfile_copies_exists_and_is_sent_to_the_builder() -> None:
    sent = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }
    copied = {
        source
        for step in dockerfile()
        if step.word == "COPY" and "--from" not in step.text
        for source in step.arguments[:-1]
    }
    assert {source for source in copied if not (ROOT / source).exists()} == set()
    assert copied == sent


def test_the_image_is_built_in_stages_and_runs_as_nobody_in_particular() -> None:
    first, *_, last = stages()
    (user,) = [step.text for step in last if step.word == "USER"]

    assert first is not last
    assert user.split(":") == ["10001", "10001"]
    for step in last[last.index(next(s for s in last if s.word == "USER")) :]:
        assert step.word != "RUN"
    assert not [step for step in last if step.word == "COPY" and "--from" not in step.text]


def test_no_secret_stays_in_the_image() -> None:
    kept = [step.text for step in dockerfile() if step.word in {"ENV", "ARG", "LABEL"}]
    assert not [text for text in kept if "SECRET" in text or "PASSWORD" in text or "URL" in text]
    assert ".env" not in {
        source for s in dockerfile() if s.word == "COPY" for source in s.arguments
    }


def test_every_part_is_the_same_image_with_no_rights() -> None:
    assert set(parts()) == {
        "migrate", "web", "websockets", "worker", "exits", "research", "beat", "feed",
    }  # fmt: skip
    assert len({part["image"] for part in parts().values()}) == 1
    for name, part in parts().items():
        assert part["read_only"], name
        assert part["cap_drop"] == ["ALL"], name
        assert "user" not in part, name  # the image's own
        assert "privileged" not in part, name


def test_each_part_waits_for_the_servers_and_for_the_tables() -> None:
    for name, part in parts().items():
        waits = {other: on["condition"] for other, on in part["depends_on"].items()}
        assert waits["postgres"] == "service_healthy", name
        if name != "migrate":
            assert waits == {
                "postgres": "service_healthy", "redis": "service_healthy", "migrate": ONCE
            }, name  # fmt: skip
    for name, service in compose()["services"].items():
        if name in {"postgres", "redis"}:
            assert service["healthcheck"]["test"]


def test_servers_keep_their_data_and_are_reached_by_the_parts_only() -> None:
    whole = compose()
    for name in ("postgres", "redis"):
        service = whole["services"][name]
        (volume,) = service["volumes"]
        assert volume.split(":")[0] in whole["volumes"]
        assert service["networks"] == ["data"]
        assert "ports" not in service
    assert whole["networks"]["data"]["internal"]


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_secrets_come_from_outside_or_nothing_starts(name: str) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert f"${{{name}:?" in text
    assert f"${{{name}:-" not in text


def test_ports_are_open_to_the_proxy_of_this_machine_only() -> None:
    for part in parts().values():
        for port in part.get("ports", []):
            assert filled_in(port, {}).startswith("127.0.0.1:")
