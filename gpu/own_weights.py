"""The weights of our own network, which lie beside this file: verified, never fetched."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from gpu import planar_files
from gpu.planar import Planar, State
from gpu.registry import OWN, Own
from reel.errors import WeightsMismatch, WeightsMissing

FOLDER = Path(__file__).parent / "natural"
ORIGIN = "in this program"
_MEND = "Take the program afresh from where you have it."


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """Our own network's weights, verified."""

    network: str
    shape: Planar
    sha256: str
    origin: str
    licence: str
    body: bytes = field(repr=False)

    def state(self) -> State:
        """Return the tensors by name. Raises WeightsMismatch."""
        return planar_files.read(self.body, self.shape)

    def ncnn(self, scale: int) -> tuple[bytes, bytes]:
        """Return ncnn's .param and .bin for one scale. Raises WeightsMismatch."""
        return planar_files.param(self.shape, scale).encode(), planar_files.write_bin(self.state(), self.shape, scale)


def own_weights(own: Own = OWN, folder: Path = FOLDER) -> OwnWeights:
    """Return the weights that come with the program. Raises WeightsMissing and WeightsMismatch if it is not whole."""
    path = folder / own.file.name
    try:
        body = path.read_bytes()
    except OSError as fault:
        raise WeightsMissing(f"{path}, a part of this program, cannot be read. {_MEND}", network=own.name) from fault
    if not own.file.is_held_by(body):
        found = sha256(body).hexdigest()
        raise WeightsMismatch(
            f"{path}, a part of this program, has sha256 {found} where {own.file.sha256} was expected. {_MEND}",
            file=own.file.name,
            expected_sha256=[own.file.sha256],
            found_sha256=found,
        )
    return OwnWeights(own.name, own.shape, own.file.sha256, ORIGIN, own.licence, body)
