"""The logs of the cloud: one JSON object a line."""

from __future__ import annotations

import logging
import sys

from storage.json_lines import JsonLines


def log_to_stdout() -> None:
    """Log this container to its standard output, which Modal keeps."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
