"""The logs of the cloud: one JSON object a line."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final

_KNOWN: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime"})


def log_to_stdout() -> None:
    """Log this container to its standard output, which Modal keeps."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)


class JsonLines(logging.Formatter):
    """When, how grave, by whom, `message`, and whatever `extra` says."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said = {name: value for name, value in vars(record).items() if name not in _KNOWN}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "message": record.getMessage(), **said}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)
