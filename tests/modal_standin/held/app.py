"""An app whose functions take orders and do nothing with them: they stay as they were handed over."""

from __future__ import annotations

import modal

app = modal.App("held")


@app.function(scaledown_window=60)
def draft(order: str) -> int:
    """Take an order."""
    return len(order)


@app.function(scaledown_window=60)
def assist(order: str) -> int:
    """Take an order."""
    return len(order)


@app.function(scaledown_window=60)
def watch() -> None:
    """Keep no watch."""
