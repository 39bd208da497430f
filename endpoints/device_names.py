"""What a device may be called, so that a person knows it again in a list."""

from __future__ import annotations

import re

_DEVICES = ("iPhone", "iPad", "Android", "Windows", "CrOS", "Macintosh", "Linux")
_BROWSERS = (("Firefox", "Firefox|FxiOS"), ("Edge", "Edg"), ("Chrome", "Chrome|CriOS"), ("Safari", "Safari"))
_SPOKEN = {"Macintosh": "Mac", "CrOS": "Chromebook"}


def device_name(agent: str) -> str:
    """Return what a device may be called, from its User-Agent: "Safari on iPhone", or nothing."""
    machine = next((_SPOKEN.get(name, name) for name in _DEVICES if name in agent), "")
    browser = next((name for name, said in _BROWSERS if re.search(said, agent)), "")
    return " on ".join(part for part in (browser, machine) if part)
