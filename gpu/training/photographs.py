"""The photographs that two packages carry, found without importing either; whose they are stands in RECIPE.md."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

FROM_SCIKIT_IMAGE = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "chelsea.png",
    "coffee.png",
    "grass.png",
    "gravel.png",
    "rocket.jpg",
)
FROM_SCIKIT_LEARN = ("china.jpg", "flower.jpg")


def photographs() -> list[Path]:
    """Return their paths. Raises FileNotFoundError where a package is not installed (requirements/train.txt)."""
    beside = {
        "skimage": ("data", FROM_SCIKIT_IMAGE),
        "sklearn": ("datasets/images", FROM_SCIKIT_LEARN),
    }
    return [_folder(package) / folder / name for package, (folder, names) in beside.items() for name in names]


def _folder(package: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"The package {package} is not installed: pip install -r requirements/train.txt")
    return Path(found.origin).parent
