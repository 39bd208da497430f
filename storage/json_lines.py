"""The form of the logs in both homes: one JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Final

_KNOWN: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime"})


class JsonLines(logging.Formatter):
    """One JSON object a record: when, how grave, by whom, `message`, and whatever `extra` says."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = {name: value for name, value in vars(record).items() if name not in _KNOWN}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage(), **said}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
