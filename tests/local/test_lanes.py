"""Lanes: what goes through whole footage keeps neither a preview nor a render waiting."""

import pytest

from jobs.spec import ArchiveSpec, DemoSpec, SmallCopySpec, SourceRef, Spec, TrimSpec, WindowSpec
from local.lanes import Lane, lane_of
from tests.jobs.homes import USER, uuid

SOURCE = SourceRef(id=uuid(11), key="ann/games/one.mp4", sha256="a" * 64)
TRIM = TrimSpec(
    user=USER, job=uuid(1), game=uuid(10), source=SOURCE, replacement=uuid(12), ext="mp4", spans=((0, 512),)
)


@pytest.mark.parametrize(
    ("spec", "lane"),
    [
        (DemoSpec(user=USER, job=uuid(1), game=uuid(10), source=uuid(11)), "intake"),
        (TRIM, "intake"),
        (ArchiveSpec(user=USER, job=uuid(1), members=()), "intake"),
        (SmallCopySpec(user=USER, job=uuid(1), reel=uuid(10), version=1), "intake"),
        (WindowSpec(user=USER, job=uuid(1), game=uuid(10), source=SOURCE, in_pts=0, out_pts=512), "window"),
    ],
    ids=lambda each: getattr(each, "kind", each),
)
def test_a_job_waits_in_its_lane(spec: Spec, lane: Lane):
    assert lane_of(spec) == lane
