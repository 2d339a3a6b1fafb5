"""Child programs of `doorstep up`: site and background worker, started and stopped as one."""

from __future__ import annotations

import errno
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

from doorstep.kernel.errors import DoorstepError, InputError, Where

PORTS_TRIED = 50
STOP_SECONDS = 10.0
START_SECONDS = 60.0
LASTED_SECONDS = 5.0


def free_port(*, host: str, wanted: int) -> int:
    """`wanted`, or the next free port after it. Raises InputError when none of PORTS_TRIED is free
    or the host is not an address of this machine."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except (socket.gaierror, OverflowError) as error:
                raise _no_address(host, error) from None
            except OSError as error:
                if error.errno == errno.EADDRNOTAVAIL:
                    raise _no_address(host, error) from None
                continue
            return port
    raise InputError(
        f"No port from {wanted} to {wanted + PORTS_TRIED - 1} is free.",
        code="NO_PORT",
        hint="Name another with --port.",
        where=Where(field="--port"),
    )


def _no_address(host: str, error: Exception) -> InputError:
    return InputError(
        f"{host!r} is no address of this machine ({error}).",
        code="NO_ADDRESS",
        hint="Use 127.0.0.1, or 0.0.0.0 for every address of the machine.",
        where=Where(field="--host"),
    )


@dataclass
class Child:
    """A program that runs as long as `up` does; restarted when it ends by itself."""

    name: str
    command: list[str]  # a module and its arguments
    running: subprocess.Popen[bytes] | None = None
    began: float = 0.0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches `up` alone."""
        self.began = time.monotonic()
        command = [sys.executable, "-m", "doorstep.cli.tied", *self.command]
        self.running = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, start_new_session=True
        )

    def ended(self) -> bool:
        """Whether it is no longer running."""
        return self.running is not None and self.running.poll() is not None

    def ask_to_stop(self) -> None:
        """Ask it to finish."""
        if self.running and self.running.poll() is None:
            self.running.terminate()

    def stop(self, *, seconds: float) -> None:
        """Wait until it has finished; end it when it takes longer than `seconds`."""
        if self.running is None:
            return
        try:
            self.running.wait(seconds)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


@dataclass
class Household:
    """The children together."""

    children: list[Child] = field(default_factory=list)

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start()

    def watch(self) -> None:
        """Restart a child that ended; raises DoorstepError when it cannot stay up."""
        for child in self.children:
            if not child.ended():
                continue
            if time.monotonic() - child.began < LASTED_SECONDS:
                raise DoorstepError(
                    f"The {child.name} ended right after it started.",
                    code="CANNOT_START",
                    hint="What it printed above says why.",
                )
            child.start()

    def stop(self) -> None:
        """Stop every child, the last one first."""
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in reversed(self.children):
            child.stop(seconds=STOP_SECONDS)


def site_command(*, host: str, port: int) -> list[str]:
    """The site under granian."""
    return [
        "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--no-ws", "--http", "1", "--workers", "1", "--blocking-threads", "4",
        "--log-level", "warning", "--respawn-failed-workers", "doorstep.wsgi:application",
    ]  # fmt: skip


def worker_command(part: str) -> list[str]:
    """A worker: `tasks` (nights, loads, duties) or `sender` (messages)."""
    return ["doorstep", "worker", "run", "--only", part]


def wait_until_answering(household: Household, *, host: str, port: int) -> None:
    """Wait until the site answers a request; raises DoorstepError after START_SECONDS."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        household.watch()
        status = _status(host, port)
        if status >= 500:
            raise DoorstepError(
                f"The site answers with an error ({status}).",
                code="CANNOT_START",
                hint="What it printed above says why.",
            )
        if status:
            return
        time.sleep(0.1)
    raise DoorstepError(f"The site does not answer on port {port}.", code="CANNOT_START")


def _status(host: str, port: int) -> int:
    """Status of the sign-in page; 0 while nobody answers."""
    request = b"GET /accounts/login/ HTTP/1.0\r\nHost: localhost\r\n\r\n"
    try:
        with socket.create_connection((host, port), timeout=10) as line:
            line.sendall(request)
            first = line.makefile("rb").readline().split()
    except OSError:
        return 0
    return int(first[1]) if len(first) > 1 and first[1].isdigit() else 0


@contextmanager
def until_told_to_stop() -> Iterator[list[int]]:
    """Collects SIGINT, SIGTERM and SIGHUP instead of dying of them."""
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before = {
        each: signal.signal(each, note) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield told
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
