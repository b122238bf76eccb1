"""`manage.py run`: the whole platform in one command, until Ctrl-C."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from nija import embedded, metrics_dir, startup
from nija.embedded import EmbeddedServerError, private
from nija.embedded.locks import FileLock
from nija.parts import parts
from nija.settings import env
from nija.supervisor import Part, Supervisor

USAGE_ERROR = 2


class Command(BaseCommand):
    help = (
        "Start the platform: web, worker, exits, research, beat and feed, with the servers that "
        "they need."
    )
    requires_system_checks: list[str] = []  # the servers are not up yet; `migrate` checks

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="do not fill a new database")
        parser.add_argument("--reset", action="store_true", help="delete the embedded data first")
        parser.add_argument(
            "--only",
            metavar="PART,…",
            help="some parts only (web, worker, exits, research, beat, feed); "
            "migrates and seeds nothing",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        chosen = _chosen(options["only"])
        if any(part.port for part in chosen):
            _refuse_taken_port(settings.HOST, settings.PORT)
        if options["reset"] and settings.EMBEDDED_SERVERS != embedded.BOTH:
            raise CommandError(
                "--reset deletes the data of the embedded servers, but DATABASE_URL or REDIS_URL "
                "is set, so the platform would use others. Unset both.",
                returncode=USAGE_ERROR,
            )
        alone = bool(settings.EMBEDDED_SERVERS) and (options["reset"] or not options["only"])
        with _the_only_one(settings.BASE_DIR) if alone else nullcontext():
            if options["reset"]:
                embedded.reset(settings.BASE_DIR, profile=settings.EMBEDDED_PROFILE)
                self.stdout.write("The data of the embedded servers are deleted.")
            startup.use_servers()
            if not options["only"]:
                self._prepare(demo=not options["no_demo"])
            startup.refuse_demo_users()
            self._supervise(chosen)

    def _prepare(self, *, demo: bool) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        if demo and not settings.REFUSE_DEMO_USERS and "seed_demo" in get_commands():
            call_command("seed_demo", stdout=self.stdout, stderr=self.stderr)
        connections.close_all()

    def _supervise(self, chosen: list[Part]) -> None:
        metrics = metrics_dir.made_for_this_run(private.var_folder(settings.BASE_DIR) / "metrics")
        supervisor = Supervisor(
            chosen,
            environment={
                **env.inherited(),
                "DATABASE_URL": settings.DATABASE_URL,
                "REDIS_URL": settings.REDIS_URL,
                "PYTHONUNBUFFERED": "1",
                metrics_dir.VARIABLE: str(metrics),
            },
            folder=settings.BASE_DIR,
            say=self._say,
            watch=self._keep_servers,
            after_death=lambda: metrics_dir.forget_the_dead(metrics),
        )
        for name in settings.EMBEDDED_SERVERS:
            supervisor.say(name, "ready", "embedded")
        supervisor.run()
        if settings.EMBEDDED_SERVERS:
            embedded.release(settings.BASE_DIR, profile=settings.EMBEDDED_PROFILE)

    def _keep_servers(self) -> None:
        """Start again what has died: a keeper restarts its server, and this a killed keeper."""
        needed, profile = settings.EMBEDDED_SERVERS, settings.EMBEDDED_PROFILE
        if not needed or embedded.are_alive(settings.BASE_DIR, profile=profile, only=needed):
            return
        self._say("servers  died    starting them again")
        try:
            startup.use_servers()
        except EmbeddedServerError as error:
            self._say(f"servers  | {error}")  # tried again at the next look
        else:
            self._say("servers  ready")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _chosen(only: str | None) -> list[Part]:
    everything = parts(settings.BASE_DIR, host=settings.HOST, port=settings.PORT)
    if not only:
        return everything
    wanted = [name.strip() for name in only.split(",")]
    unknown = set(wanted) - {part.name for part in everything}
    if unknown:
        known = ", ".join(part.name for part in everything)
        raise CommandError(
            f"--only: no part is called {', '.join(sorted(unknown))}; there are {known}.",
            returncode=USAGE_ERROR,
        )
    return [part for part in everything if part.name in wanted]


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            reason = "is taken by another program" if error.errno == errno.EADDRINUSE else error
            raise CommandError(
                f"{host}:{port} {reason}. Choose another, for example PORT={port + 1} bin/run",
                returncode=USAGE_ERROR,
            ) from error


@contextmanager
def _the_only_one(root: Path) -> Iterator[None]:
    """Two platforms on one folder would feed the same candles twice."""
    lock = FileLock(private.var_folder(root) / "run.lock")
    try:
        if not lock.try_alone():
            raise CommandError(
                f"The platform of {root} already runs. Stop it first (Ctrl-C in its terminal).",
                returncode=USAGE_ERROR,
            )
        yield
    finally:
        lock.close()
