"""The loop that keeps the parts running. One thread, since children die with the thread."""

from __future__ import annotations

import selectors
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from nija.processes import send
from nija.supervisor.part import Part, RunningPart

TICK_SECONDS = 0.1
WATCH_SECONDS = 2.0
GRACE_SECONDS = 8.0
"""What the parts get to finish; the whole stop takes less than 10 s."""
END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs the parts until it is told to stop by Ctrl-C, TERM or HUP.

    `say` prints one line. `watch` is called every two seconds and may repair what the parts need;
    `after_death` is called when a process of a part has ended.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        environment: Mapping[str, str],
        folder: Path,
        say: Callable[[str], None],
        watch: Callable[[], None] = lambda: None,
        after_death: Callable[[], None] = lambda: None,
    ) -> None:
        self.parts = [RunningPart(part) for part in parts]
        self.environment = environment
        self.folder = folder
        self.print = say
        self.watch = watch
        self.after_death = after_death
        self.times_told_to_stop = 0
        self._selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Return when everything has been stopped."""
        with self._told_by_signals():
            watched = time.monotonic()
            while not self.times_told_to_stop:
                now = time.monotonic()
                for running in self.parts:
                    self._look_after(running, now)
                if now - watched >= WATCH_SECONDS:
                    watched = now
                    self.watch()
                self._relay_output(TICK_SECONDS)
            self._stop()

    def say(self, name: str, state: str, detail: str = "") -> None:
        """One line about a part, in columns."""
        self.print(f"{name:<8} {state:<7} {detail}".rstrip())

    def _look_after(self, running: RunningPart, now: float) -> None:
        if running.child is None:
            if now >= running.start_at:
                self._start(running, now)
        elif running.child.poll() is not None:
            self._bury(running, now)
        elif not running.is_ready and running.answers():
            self._is_ready(running, "")

    def _start(self, running: RunningPart, now: float) -> None:
        output = running.start(now, environment=self.environment, folder=self.folder)
        self._selector.register(output, selectors.EVENT_READ, running)

    def _is_ready(self, running: RunningPart, line: str) -> None:
        running.is_ready = True
        self.say(running.part.name, "ready", running.part.detail or line)

    def _bury(self, running: RunningPart, now: float) -> None:
        assert running.child is not None
        code = running.child.returncode
        how = f"exit {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        self._relay(running)
        self._selector.unregister(running.output)
        delay = running.bury(now)
        if not self.times_told_to_stop:
            self.say(running.part.name, "died", f"({how}); starts again in {delay:.0f} s")
        self.after_death()

    def _relay_output(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            self._relay(key.data)

    def _relay(self, running: RunningPart) -> None:
        for line in running.lines():
            wanted = running.part.ready_line
            if not running.is_ready and wanted is not None and wanted.search(line):
                self._is_ready(running, line)
            elif line:
                self.print(f"{running.part.name:<8} | {line}")

    def _stop(self) -> None:
        """TERM to all at once; KILL when their time is over or when told to stop again."""
        living = [running for running in self.parts if running.child is not None]
        self.say("all", "stops", ", ".join(running.part.name for running in living))
        for running in living:
            assert running.child is not None
            send(running.child, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for running in self._in_order_of_death(living, deadline):
            self.say(running.part.name, "stopped")

    def _in_order_of_death(
        self, living: list[RunningPart], deadline: float
    ) -> Iterator[RunningPart]:
        left = list(living)
        while left:
            out_of_time = time.monotonic() > deadline or self.times_told_to_stop > 1
            for running in list(left):
                assert running.child is not None
                if out_of_time:
                    send(running.child, signal.SIGKILL, group=True)
                if running.child.poll() is not None:
                    self._bury(running, time.monotonic())
                    left.remove(running)
                    yield running
            if left:
                self._relay_output(TICK_SECONDS)

    @contextmanager
    def _told_by_signals(self) -> Iterator[None]:
        def told(_signum: int, _frame: FrameType | None) -> None:
            self.times_told_to_stop += 1

        earlier = {signum: signal.signal(signum, told) for signum in END_SIGNALS}
        try:
            yield
        finally:
            for signum, handler in earlier.items():
                signal.signal(signum, handler)
