"""The frame times of the footage that is being marked, remembered for the app's life."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from storage.frame_times import FrameTimes


async def frame_times(request: Request) -> FrameTimes:
    """Return the app's own."""
    state = request.app.state
    if not hasattr(state, "frame_times"):
        state.frame_times = FrameTimes(state.services.objects)
    return state.frame_times


Frames: TypeAlias = Annotated[FrameTimes, Depends(frame_times)]
