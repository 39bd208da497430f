"""The overlay on this machine: an edit's spotlights, freeze-frames, labels and cards, on the video framed from it."""

from __future__ import annotations

from typing import cast

from jobs.from_edit import overlay_spec
from jobs.spec import FramingSpec
from local.console import Console
from local.home import Home
from local.work import do
from reel import keys
from reel.edit import EditDocument
from reel.errors import Json
from storage.ids import uuid7

REMADE = ("reencoded_frames", "copied_frames", "whole", "why")


def draw_over(document: EditDocument, framing: FramingSpec, home: Home, console: Console) -> dict[str, Json]:
    """Draw what an edit has onto the video of its framing, which is gone afterwards; return the overlay's value.

    Says so of spotlights that nobody will see. Raises what the job does.
    """
    spec = overlay_spec(document, framing, job=uuid7(), reel=uuid7(), version=1)
    try:
        value = do(spec, home.tools, console)
    finally:
        home.store.delete(framing.output_key)
        home.store.delete(keys.poster(spec.user, spec.reel))  # of a gallery, which there is none of here
    unseen = len(cast("list[Json]", value["outside"]))
    if unseen == 1:
        console.note("1 spotlight is in no frame of this reel: its player is outside the crop.")
    elif unseen:
        console.note(f"{unseen} spotlights are in no frame of this reel: their players are outside the crop.")
    return value


def told_remade(value: dict[str, Json]) -> str:
    """Return how much of a video had to be encoded anew, in words."""
    if value["whole"]:
        return f"all {value['reencoded_frames']} frames encoded anew: {value['why']}"
    return f"{value['reencoded_frames']} frames encoded anew, {value['copied_frames']} copied as they were"
