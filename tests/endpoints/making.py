"""A person who makes reels: a project of clips of real footage, framed, lit and exported, over HTTP alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from jobs.ports import Standing
from jobs.spec import Spec
from storage.open_jobs import OpenJobs
from tests.endpoints.filming import Person, Reels
from tests.endpoints.stage import Browser, Stage, Workshop, uuid

FRAME = 512  # ticks of 1/12800 s: 25 frames a second
FRAMES = 5  # of each clip: enough to see, quick to render


@dataclass
class Maker:
    """Somebody with a project of short clips, all of one source, in the shape that is rendered fastest."""

    person: Person
    project: str = uuid(500)
    source: dict[str, Any] = field(default_factory=dict)

    @property
    def browser(self) -> Browser:
        return self.person.browser

    @property
    def stage(self) -> Stage:
        return self.person.browser.stage

    @property
    def path(self) -> str:
        return f"/api/projects/{self.project}"

    def begin(self, reels: Reels, count: int = 1) -> Maker:
        """Bring footage, mark clips, begin the project and cut each clip down to FRAMES frames."""
        self.source = self.person.footage(reels.film())
        for number in range(count):
            assert self.person.mark(self.source, 20 + number, number, number + 1).status_code == 201
        body = {"id": self.project, "clip_ids": [uuid(20 + number) for number in range(count)], "aspect": "1:1"}
        assert self.browser.post("/api/projects", body).status_code == 201
        edit = self.edit()
        for clip in edit["clips"]:
            clip["out_pts"] = clip["in_pts"] + FRAMES * FRAME
        self.saved(edit)
        return self

    def edit(self) -> dict[str, Any]:
        return self.browser.get(f"{self.path}/edit").json()

    def saved(self, edit: dict[str, Any]) -> dict[str, Any]:
        answer = self.browser.put(f"{self.path}/edit", edit)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def frame(self, cx: float = 0.5) -> Maker:
        """Set the crop of every clip."""
        edit = self.edit()
        for number, clip in enumerate(edit["clips"]):
            key = {"id": uuid(600 + number), "pts": clip["in_pts"], "cx": cx, "cy": 0.5, "h": 0.9}
            clip["crops"]["1:1"] = {"framed": True, "keys": [key]}
        self.saved(edit)
        return self

    def light(self) -> Maker:
        """Put a spotlight, half as bright again, on the first clip; it lasts longer than the clip shows."""
        edit = self.edit()
        clip = edit["clips"][0]
        key = {"id": uuid(701), "pts": clip["in_pts"], "x": 0.5, "y": 0.5, "rx": 0.1, "ry": 0.2}
        in_pts = clip["in_pts"]
        clip["spotlights"] = [{"id": uuid(700), "in_pts": in_pts, "out_pts": in_pts + 25 * FRAME, "keys": [key]}]
        self.saved(edit)
        return self

    def export(self, stage: str = "framing", key: str | None = None, **more: Any) -> Any:
        return self.browser.post(f"{self.path}/exports", {"stage": stage} | more, key=key)

    def exported(self, stage: str = "framing", **more: Any) -> list[str]:
        """Ask for an export; return the ids of its jobs."""
        answer = self.export(stage, **more)
        assert answer.status_code == 202, answer.text
        return [job["id"] for job in answer.json()["jobs"]]

    def job(self, job: str) -> dict[str, Any]:
        return self.browser.get(f"/api/jobs/{job}").json()

    def card(self) -> dict[str, Any]:
        return self.browser.get(self.path).json()

    def work(self, job: str | None = None) -> None:
        """Let the workers do one job, or all that there is to do."""
        if job is None:
            self.person.work()
        else:
            self.stage.workshop.work(job)

    def on(self, stage: Stage) -> Maker:
        """Return the same person at another installation's door: the same data, another policy or other workers."""
        browser = stage.browser()
        browser.client.cookies.update(self.browser.client.cookies)
        return replace(self, person=Person(browser, self.person.game))


def staffed(stage: Stage, workshop: Workshop) -> Stage:
    """Return an installation with other workers."""
    services, objects = stage.services, stage.services.objects
    open_jobs = OpenJobs(services.databases, objects, workshop, services.clock)
    return replace(stage, services=replace(services, dispatch=workshop, open_jobs=open_jobs), workshop=workshop)


@dataclass
class Eager(Workshop):
    """Executes a job as soon as it is handed over."""

    def submit(self, spec: Spec) -> str:
        call = super().submit(spec)
        if spec.job in self.specs:
            self.work(spec.job)
        return call


@dataclass
class Slow(Workshop):
    """Has not begun however often one looks, while `passes_s` go by."""

    passes_s: float = 7.0
    looked: int = 0
    clock: Any = None

    def read(self, job: str) -> Standing:
        self.looked += 1
        self.clock.ahead_s += self.passes_s
        return super().read(job)
