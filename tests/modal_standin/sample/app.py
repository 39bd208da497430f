"""A small app that does everything which the stand-in claims to carry."""

from __future__ import annotations

import modal

image = modal.Image.debian_slim(python_version="3.11").pip_install("numpy==2.4.6").add_local_python_source("pack")
app = modal.App("sample", image=image)
notes = modal.Dict.from_name("notes", create_if_missing=True)
line = modal.Queue.from_name("line", create_if_missing=True)
keys = modal.Secret.from_name("keys", required_keys=["ONE"])


@app.function(secrets=[keys], cpu=1.0, timeout=60, scaledown_window=2)
def double(number: int) -> tuple[int, str]:
    """Return twice a number, by shipped code, and a secret."""
    import os
    from importlib import import_module

    return import_module("pack.inner").twice(number), os.environ["ONE"]


@app.function(scaledown_window=2)
def misbehave(how: str) -> str:
    """Sleep, raise, or die of the first delivery."""
    import os
    import time

    notes.put(f"{how}-{notes.len()}", os.getpid())
    if how == "sleep":
        time.sleep(30)
    if how == "die" and notes.put("died", True, skip_if_exists=True):
        os._exit(3)
    if how == "raise":
        raise ValueError("no")
    return how


@app.function(timeout=1, scaledown_window=2)
def linger() -> None:
    """Take longer than it may."""
    import time

    time.sleep(30)


@app.cls(gpu=["T4", "L4"], enable_memory_snapshot=True, scaledown_window=2)
class Steps:
    """A class with both kinds of beginning."""

    @modal.enter(snap=True)
    def load(self) -> None:
        """Come before the snapshot."""
        self.steps = ["load"]

    @modal.enter(snap=False)
    def move(self) -> None:
        """Come after it."""
        self.steps.append("move")

    @modal.method()
    def taken(self, last: str) -> list[str]:
        """Return what happened so far."""
        return [*self.steps, last]


@app.function(scaledown_window=5)
@modal.concurrent(max_inputs=50)
@modal.asgi_app()
def api() -> object:
    """Answer HTTP."""
    from fastapi import Body, FastAPI, Response

    web = FastAPI()

    @web.get("/hello")
    async def hello(name: str) -> dict[str, str]:
        return {"hello": name}

    @web.post("/calls")
    def start(number: int = Body(embed=True)) -> dict[str, str]:
        return {"call": double.spawn(number).object_id}

    @web.get("/large")
    def large() -> Response:
        return Response(b"x" * 5_000_000)

    return web


@app.function(schedule=modal.Period(hours=1), scaledown_window=2)
def tick() -> None:
    """Be called by the clock."""
    line.put("tick")


@app.local_entrypoint()
def main(number: int = 3) -> None:
    """Be called by the command line."""
    print("result", double.remote(number), list(double.map(range(3))), Steps().taken.remote("a"))
