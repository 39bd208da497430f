"""What containers are made of: every version pinned, weights inside, checked. Imported by every one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import modal

PYTHON: Final = "3.11"
PACKAGES: Final = ("cloud", "endpoints", "gpu", "jobs", "media", "reel", "relay", "storage")
DATA: Final = ("gpu/natural", "media/fonts")
"""Folders that packages read from beside their code: Modal ships but .py files by itself."""
ORACLE: Final = "requirements/oracle.txt"
CODE_DIR: Final = "/root"
"""Where Modal puts our packages."""
LOCKED: Final = "requirements/image.txt"
LOCKED_WITH_GPU: Final = "requirements/image-gpu.txt"
"""Every package by its version, those too that others bring along: nothing is looked up while an image is built."""
WEIGHTS_DIR: Final = "/weights"
_RELEASE: Final = "https://github.com/xinntao/Real-ESRGAN/releases/download/v0.2.5.0/"


@dataclass(frozen=True, slots=True)
class Baked:
    """A file of weights, by where it comes from and what it must hold."""

    name: str
    sha256: str

    @property
    def command(self) -> str:
        """Fetch it while the image is built; an image with another file is not built."""
        fetch = f"from urllib.request import urlretrieve; urlretrieve('{_RELEASE}{self.name}', '{self.path}')"
        return f'mkdir -p {WEIGHTS_DIR} && python -c "{fetch}" && echo "{self.sha256}  {self.path}" | sha256sum -c -'

    @property
    def path(self) -> str:
        """Where it lies."""
        return f"{WEIGHTS_DIR}/{self.name}"


WEIGHTS: Final = (
    Baked("realesr-general-x4v3.pth", "8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292"),
    Baked("realesr-general-wdn-x4v3.pth", "1641f8c4464b9f097c9fdda5589273713f67cf59f3d909e0bd688f0cee269dca"),
)
"""Those of the crisp look, as gpu/registry.py has them; a test compares. The natural look's come with the code."""


def plain() -> modal.Image:
    """Return the image of the API and of whatever needs no GPU: what one machine has."""
    return _with_code(_base())


def with_gpu() -> modal.Image:
    """Return the image of the networks."""
    baked = [file.command for file in WEIGHTS]
    drivers = {"NVIDIA_DRIVER_CAPABILITIES": "all", "REEL_WEIGHTS_DIR": WEIGHTS_DIR}  # else there is no NVENC
    return _with_code(_installed(_base(), LOCKED_WITH_GPU).run_commands(*baked).env(drivers))


def oracle() -> modal.Image:
    """Return the image of experiment E1's baseline, in which nothing of ours runs but cloud/oracle.py."""
    baked = [file.command for file in WEIGHTS]
    image = modal.Image.debian_slim(python_version=PYTHON).apt_install("libgl1", "libglib2.0-0")
    return image.pip_install_from_requirements(ORACLE).run_commands(*baked).add_local_python_source("cloud", "reel")


def _base() -> modal.Image:
    return _installed(modal.Image.debian_slim(python_version=PYTHON), LOCKED)


def _installed(image: modal.Image, locked: str) -> modal.Image:
    return image.pip_install_from_requirements(locked, extra_options="--no-deps")


def _with_code(image: modal.Image) -> modal.Image:
    """Add our own code, last: what changes with each release is not built into layers."""
    for folder in DATA:
        image = image.add_local_dir(folder, f"{CODE_DIR}/{folder}", ignore=["*.py", "*.pyc", "*.md"])
    return image.add_local_python_source(*PACKAGES, ignore=["gpu/training", "**/__pycache__"])
