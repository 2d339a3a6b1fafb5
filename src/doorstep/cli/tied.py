"""Runs a module as a program that ends with the one that started it, however that one ended.

The starter holds the other end of standard input; when it is gone, even by `kill -9`, input ends
and this program asks itself to stop.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading


def stop_when_input_ends() -> None:
    """Wait for the end of standard input, then ask this program to stop."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=stop_when_input_ends, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
