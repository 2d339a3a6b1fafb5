"""Starts the real program in a state directory of its own and talks to it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 420.0
ADMIN = {"DOORSTEP_ADMIN_USERNAME": "founder", "DOORSTEP_ADMIN_PASSWORD": "walrus-lantern-coast"}


@dataclass
class Started:
    """A running `doorstep up`, what it printed so far, and its port."""

    program: subprocess.Popen[bytes]
    printed: Path
    port: int = 0

    def text(self) -> str:
        return self.printed.read_text("utf-8", errors="replace")

    def wait_for(self, words: str) -> str:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if words in self.text():
                return self.text()
            if self.program.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"never said {words!r}:\n{self.text()}")

    def stop(self, number: int = signal.SIGINT) -> int:
        self.program.send_signal(number)
        return self.program.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, **more: str) -> dict[str, str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DOORSTEP_", "DJANGO_")) and name != "DATABASE_URL"
    }
    return {**clean, "DOORSTEP_HOME": str(home), "COLUMNS": "200", **more}


def home_with(tables: Path, home: Path) -> Path:
    """A state directory whose database has its tables already."""
    home.mkdir(exist_ok=True)
    shutil.copy(tables, home / "doorstep.sqlite3")
    return home


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "doorstep", *options]


@contextmanager
def running(home: Path, *options: str, port: int | None = None, **more: str) -> Iterator[Started]:
    """`doorstep up` in `home` until the block ends."""
    home.mkdir(exist_ok=True)
    port = port or free_port()
    printed = home.parent / f"printed-{time.monotonic_ns()}.txt"
    with printed.open("wb") as out:
        program = subprocess.Popen(
            command("up", "--port", str(port), *options),
            env=environment(home, **more),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=home.parent,
        )
    started = Started(program, printed, port)
    try:
        yield started
    finally:
        if program.poll() is None:
            program.terminate()
            program.wait(30)


def page(port: int, path: str) -> tuple[int, str]:
    """Status and text of a page, by a plain request."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return int(answer.split()[1]), answer.decode("utf-8", errors="replace")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
