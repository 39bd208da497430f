"""The Modal app: every function, class, schedule and web endpoint of the cloud. What they do is in cloud/.

Each container imports this file: nothing heavy at the top, and nothing that depends on where it runs. How much machine
each function gets stands in cloud/machines.py, what it runs in in cloud/images.py, how it is called in docs/deploy.md.
"""

from __future__ import annotations

from typing import Any

import modal

from cloud import containers, images
from cloud.machines import MACHINES, METHODS

app = modal.App("reel-ballers-video", image=images.plain())
secret = modal.Secret.from_name(
    "reel-ballers", required_keys=["R2_ENDPOINT_URL", "R2_BUCKET_NAME", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY"]
)


def machine(name: str) -> dict[str, Any]:
    """Return what a function is given that reaches the bucket."""
    return {"secrets": [secret], **MACHINES[name].options}


def function(name: str) -> Any:
    """Return one of this app's own functions, wherever this is."""
    return getattr(Framing(), METHODS[name]) if name in METHODS else {**globals(), "overlay": draw}[name]


@app.function(**machine("api"))
@modal.concurrent(max_inputs=64)
@modal.asgi_app(requires_proxy_auth=True)
def api() -> Any:
    """Answer the editor, by way of Pages, which holds the key."""
    return containers.api(function, str(api.get_web_url()))


@app.cls(image=images.with_gpu(), startup_timeout=600, enable_memory_snapshot=True, **machine("framing"))
class Framing:
    """Framings and previews: whatever runs a network."""

    @modal.enter(snap=True)
    def load(self) -> None:
        """Read torch and the weights, without a GPU: the snapshot holds them."""
        self.networks = containers.load_networks()

    @modal.enter(snap=False)
    def move(self) -> None:
        """Put them on the device."""
        self.upscalers = self.networks.on_best_device()

    @modal.method()
    def work(self, order: str) -> None:
        """Do a job."""
        containers.work("framing", order, function, self.upscalers)

    @modal.method()
    def assist(self, order: str) -> None:
        """Help with a framing that another container has in hand."""
        containers.assist(order, function, self.upscalers)

    @modal.method()
    def measure(self, name: str, pictures: int) -> Any:
        """Measure something where a GPU is."""
        return containers.measure(name, pictures, self.networks, self.upscalers)


@app.function(**machine("draft"))
def draft(order: str) -> None:
    """Frame without a network."""
    containers.work("draft", order, function)


@app.function(name="overlay", **machine("overlay"))
def draw(order: str) -> None:
    """Draw spotlights, cards and labels onto a framing."""
    containers.work("overlay", order, function)


@app.function(**machine("extract"))
def extract(order: str) -> None:
    """Cut a clip out."""
    containers.work("extract", order, function)


@app.function(**machine("compile"))
def compile(order: str) -> None:  # noqa: A001 - the kind of job is called so
    """Make the annotated export."""
    containers.work("compile", order, function)


@app.function(**machine("ingest"))
def ingest(order: str) -> None:
    """Look a fresh source over, and make its proxy."""
    containers.work("ingest", order, function)


@app.function(block_network=True, restrict_modal_access=True, single_use_containers=True, **MACHINES["vet"].options)
def vet(size_bytes: int, pieces: dict[int, bytes], accept_truncated: bool) -> dict[str, Any]:
    """Probe a fresh upload where nothing can be reached and nothing is left behind."""
    return containers.vet(size_bytes, pieces, accept_truncated)


@app.function(**machine("demo"))
def demo(order: str) -> None:
    """Film the demo game."""
    containers.work("demo", order, function)


@app.function(**machine("window"))
def window(order: str) -> None:
    """Make an all-intra window."""
    containers.work("window", order, function)


@app.function(**machine("trim"))
def trim(order: str) -> None:
    """Copy what is used of a source."""
    containers.work("trim", order, function)


@app.function(**machine("archive"))
def archive(order: str) -> None:
    """Put objects into a zip."""
    containers.work("archive", order, function)


@app.function(**machine("measure"))
def measure(name: str, pictures: int) -> Any:
    """Measure something where no GPU is."""
    return containers.measure(name, pictures)


@app.function(**machine("watch"))
def watch() -> None:
    """Live while jobs are open: settle those that end, look around every two minutes."""
    containers.watch(function)


@app.function(schedule=modal.Cron("7 * * * *"), **machine("backstop"))
def backstop() -> None:
    """Begin a watch if one is needed and none is there."""
    containers.backstop(function)


@app.function(schedule=modal.Cron("37 3 * * *"), **machine("tidy"))
def tidy() -> None:
    """Tidy up, daily."""
    containers.tidy(function)


@app.local_entrypoint()
def frame(source: str, edit: str, out: str, look: str = "crisp") -> None:
    """Frame an edit of a file, or of an object of the bucket."""
    from cloud import terminal

    terminal.frame(function, source, edit, out, look)


@app.local_entrypoint()
def overlay(source: str, edit: str, framing: str, out: str) -> None:
    """Draw what an edit has on top onto its framing, the file that ::frame brought home."""
    from cloud import terminal

    terminal.overlay(function, source, edit, framing, out)


@app.local_entrypoint()
def reel(source: str, edit: str, out: str, look: str = "crisp") -> None:
    """Frame an edit and draw what it has on top."""
    from cloud import terminal

    terminal.reel(function, source, edit, out, look)


@app.local_entrypoint()
def smoke(pictures: int = 8) -> None:
    """See whether GPU, encoders, weights and bucket are as they should be."""
    from cloud import terminal

    terminal.smoke(Framing().measure, pictures)


@app.local_entrypoint()
def experiment(name: str = "E6", times: int = 3, pictures: int = 200) -> None:
    """Measure something on Modal, again and again: E1 to E9."""
    from cloud import experiments

    experiments.run(name, Framing, measure, times, pictures)


@app.local_entrypoint()
def ops(do: str = "status", job: str = "") -> None:
    """Look after the running app: status, jobs, requeue --job, spend, pause, restore."""
    from cloud import terminal

    terminal.ops(function, do, job)
