"""The logs of the local home: each line JSON in a file; what a person should know on the terminal, too."""

from __future__ import annotations

import logging
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from storage.json_lines import JsonLines

MOST_BYTES: Final = 5_000_000  # of one file; the last few are kept
KEPT: Final = 3

_log = logging.getLogger(__name__)


def log_to(path: Path) -> None:
    """Log this process to a file; warnings to the terminal too. A fault in a thread is logged, not lost."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = RotatingFileHandler(path, maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8", errors="replace")
    lines.setFormatter(JsonLines())
    logging.getLogger().setLevel(logging.INFO)
    logging.getLogger().addHandler(lines)
    warn_on_terminal()
    threading.excepthook = _log_fault


def warn_on_terminal() -> None:
    """Say warnings on stderr, a line each."""
    shown = logging.StreamHandler(sys.stderr)
    shown.setLevel(logging.WARNING)
    shown.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.getLogger().addHandler(shown)


def _log_fault(fault: threading.ExceptHookArgs) -> None:
    if fault.exc_value is not None and not isinstance(fault.exc_value, SystemExit):
        told = (fault.exc_type, fault.exc_value, fault.exc_traceback)
        _log.error("a fault in thread %s", fault.thread.name if fault.thread else "?", exc_info=told)
