"""What only the real cloud can show: the GPU, the encoders, the weights, the bucket, and how fast the networks are."""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np

from cloud.costs import found_gpu
from cloud.networks import Networks, Upscalers
from cloud.wiring import settings_from
from media import ffmpeg
from reel.errors import AlreadyExists, Conflict, WeightsMissing
from storage.ids import uuid7
from storage.objects import Objects

PICTURE: Final = (720, 405)  # rows, columns: an upright crop of a 1080p game
ENCODERS: Final = ("libx264", "h264_nvenc")


def report(networks: Networks, upscalers: Upscalers, pictures: int) -> dict[str, Any]:
    """Return what this container is made of, and frames a second of the crisp look over so many pictures."""
    return {
        "gpu": found_gpu(),
        "encoders": [name for name in ENCODERS if name in ffmpeg.run(["-encoders"]).decode()],
        "weights": networks.crisp.sha256 if networks.crisp else None,
        "natural_weights": networks.own.sha256,
        "bucket": _bucket_works(),
        "fps": fps(upscalers, pictures),
    }


def fps(upscalers: Upscalers, count: int) -> float | None:
    """Return the pictures a second that the crisp look's network makes, after a first one; None without it."""
    try:
        [row] = enlarged(upscalers, count)
    except WeightsMissing:
        return None
    return round(count / row["seconds"], 2)


def enlarged(upscalers: Upscalers, count: int) -> list[dict[str, Any]]:
    """Enlarge pictures by the crisp look's network, after a first one; return the row. Raises WeightsMissing."""
    network = upscalers("crisp", 2.0)
    picture = np.random.default_rng(1).integers(0, 256, (*PICTURE, 3), np.uint8)
    network.upscale(picture)
    began_s = time.monotonic()
    for _ in network.stream(picture for _ in range(count)):
        pass
    return [{"what": "crisp", "frames": count, "seconds": time.monotonic() - began_s}]


def _bucket_works() -> bool:
    """Write, refuse to write again, replace on a condition, refuse on a stale one, remove."""
    objects, key = Objects(settings_from().bucket), f"_smoke/{uuid7()}"
    refused = 0
    try:
        first = objects.replace(key, b"one", None)
        try:
            objects.replace(key, b"two", None)
        except AlreadyExists:
            refused += 1
        objects.replace(key, b"two", first)
        try:
            objects.replace(key, b"three", first)
        except Conflict:
            refused += 1
        return refused == 2 and objects.read(key) == b"two"
    finally:
        objects.delete(key)
        objects.close()
