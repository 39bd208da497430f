"""What each command of the command line does."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

from gpu.own_weights import OwnWeights, own_weights
from gpu.weights import Weights
from jobs.from_edit import draws_something, framing_clip, framing_spec
from jobs.sources import standing
from jobs.spec import Look, PreviewSpec, SourceRef
from local.adopt import adopt, reading
from local.console import Console
from local.drawn import REMADE, draw_over, told_remade
from local.edits import clips_of, document_of, one_clip, only_source, read_edit, read_rows
from local.home import Home, open_home
from local.networks import crisp_weights
from local.pictures import side_by_side
from local.wiring import Settings
from local.work import arriving, deliver, do, require_writable
from media.probe import probe
from media.synth import Match, write
from reel.crop import made_share
from reel.edit import MOST_TITLE, EditClip, EditDocument
from reel.errors import BadInput, Json, WeightsMissing
from reel.geometry import OUTPUT_SIZES, Aspect, Size
from reel.keys import LOCAL_USER
from reel.text import cut
from storage.ids import uuid7

_SYNTH_SUFFIXES = (".mp4", ".mov", ".mkv", ".ts")
_CHANNELS = {1: "mono", 2: "stereo", 6: "5.1"}


@dataclass(frozen=True, slots=True)
class Making:
    """An edit on its way to a video: the document, the names of its chapters, its one source."""

    document: EditDocument
    names: dict[str, str]
    source: SourceRef


def reel(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Make a reel of a game and a clip list, or of a game and a saved edit."""
    require_writable(arguments.output, *(path for path in (arguments.game, arguments.clips, arguments.edit) if path))
    if arguments.edit and (arguments.min_rating > 1 or arguments.best_first):
        raise BadInput("An edit has its own clips in its own order: --min-rating and --best-first are for --clips.")
    edit = only_source(read_edit(arguments.edit)) if arguments.edit else None
    rows = [] if edit else read_rows(arguments.clips, arguments.min_rating, best=arguments.best_first)
    home = open_home(settings, console.announce, console.note)
    source = adopt(arguments.game, home.store, accept_truncated=arguments.accept_truncated, doing=console.doing)
    title = title_of(arguments.title or (edit.title if edit else "") or arguments.game.stem)
    if edit:
        making = Making(replace(edit, aspect=arguments.aspect or edit.aspect, title=title), {}, source)
    else:
        with standing(source, home.store) as footing:
            clips = clips_of(rows, footing)
        document = document_of(clips, arguments.aspect or "9:16", title)
        names = {edit.id: clip.shown_name for edit, clip in zip(document.clips, clips, strict=True)}
        making = Making(document, names, source)
    make(making, arguments.look, home, arguments.output, console)


def frame(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Frame one span of a game: the framing stage alone."""
    require_writable(arguments.output, arguments.game)
    home = open_home(settings, console.announce, console.note)
    source = adopt(arguments.game, home.store, accept_truncated=arguments.accept_truncated, doing=console.doing)
    with standing(source, home.store) as footing:
        document = one_clip(footing, arguments.begin, arguments.end, arguments.crop, arguments.aspect or "9:16")
    make(Making(document, {}, source), arguments.look, home, arguments.output, console)


def make(making: Making, look: Look | Literal["draft"] | None, home: Home, output: Path, console: Console) -> None:
    """Frame an edit, draw over it what it has, and deliver the video to `output`.

    `look` is that of clips which name none, or a draft's; None stands for what this home takes.
    """
    began_s = time.monotonic()
    spec = framing_spec(
        making.document,
        user=LOCAL_USER,
        job=uuid7(),
        project=making.source.id,
        sources=[making.source],
        names=making.names,
        look="natural" if look == "draft" else look or home.look(),  # a draft shows none
        draft=look == "draft",
    )
    over = None
    try:
        value = do(spec, home.tools, console)
        if draws_something(making.document):
            over = draw_over(making.document, spec, home, console)
    except BadInput as fault:
        say_which_clip(fault, making.document)
        raise
    deliver(cast("str", (over or value)["key"]), home.store, output)
    seconds = time.monotonic() - began_s
    fields: dict[str, Json] = {
        "output": str(output),
        "frames": (over or value)["frames"],
        **{name: value[name] for name in ("rendered_frames", "reused_frames", "draft")},
        "looks": ["draft"] if spec.draft else value["looks"],
        "weights": value["networks"],
        "overlay": {name: over[name] for name in (*REMADE, "outside")} if over else None,
        "seconds": round(seconds, 2),
    }
    told = _summary(fields, value, making.document)
    console.result(fields, f"{told}\noverlay: {told_remade(over)}" if over else told)


def preview(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Show one frame before and after: as a draft, and as it will be."""
    require_writable(arguments.output, arguments.game)
    began_s = time.monotonic()
    home = open_home(settings, console.announce, console.note)
    source = adopt(arguments.game, home.store, accept_truncated=arguments.accept_truncated, doing=console.doing)
    with standing(source, home.store) as footing:
        document = one_clip(footing, arguments.at, None, arguments.crop, arguments.aspect or "9:16")
    clip, look = document.clips[0], arguments.look or home.look()
    after = before_and_after(clip, look, clip.span.in_pts, document.aspect, source, home, console, arguments.output)
    enlargement = cast("float", after["enlargement"])
    network = cast("dict[str, Json] | None", after["network"])
    fields: dict[str, Json] = {
        "output": str(arguments.output),
        "pts": after["pts"],
        "enlargement": round(enlargement, 3),
        "look": look if network else None,
        "weights": after["network"],
        "seconds": round(time.monotonic() - began_s, 2),
    }
    by = (
        f"{look} by {_named(network)}, which makes {made_share(enlargement) * 100:.0f} % of these pixels"
        if network
        else "no network is needed"
    )
    console.result(fields, f"{arguments.output}: before and after, {enlargement:.1f}×: {by}")


def before_and_after(
    clip: EditClip, look: Look, pts: int, aspect: Aspect, source: SourceRef, home: Home, console: Console, output: Path
) -> dict[str, Json]:
    """Write the frame that a clip shows at `pts` without and with a network to a PNG; return what the latter was.

    `look` is the clip's if it names none.
    """
    value: dict[str, Json] = {}
    pictures: list[bytes] = []
    for draft in (True, False):
        spec = PreviewSpec(
            user=LOCAL_USER,
            job=uuid7(),
            aspect=aspect,
            source=source,
            clip=framing_clip(clip, aspect, source.id, "", look),
            pts=pts,
            draft=draft,
        )
        value = do(spec, home.tools, console)
        pictures.append(home.store.read(cast("str", value["key"])))
    with arriving(output) as partial:
        side_by_side(pictures[0], pictures[1], partial)
    return value


def look_over(arguments: Namespace, _: Settings, console: Console) -> None:
    """Say what a file is."""
    with reading(arguments.game):
        source = probe(arguments.game, accept_truncated=arguments.accept_truncated)
    size, sound = source.displayed, source.sound
    fields: dict[str, Json] = {
        "container": source.container,
        "codec": source.codec,
        "pixel_format": source.pixel_format,
        "displayed": [size.width, size.height],
        "coded": [source.coded.width, source.coded.height],
        "quarter_turns": source.orientation.quarter_turns,
        "mirrored": source.orientation.mirrored,
        "rate": _terms(source.rate),
        "time_base": _terms(source.time_base),
        "in_pts": source.span.in_pts,
        "out_pts": source.span.out_pts,
        "duration_s": round(float(source.duration_s), 3),
        "colour": asdict(source.colour),
        "interlaced": source.interlaced,
        "sound": asdict(sound) if sound else None,
        "size_bytes": source.size_bytes,
    }
    heard = "no sound"
    if sound:
        channels = _CHANNELS.get(sound.channels, f"{sound.channels} channels")
        heard = f"{sound.codec} {sound.sample_rate / 1000:g} kHz {channels}"
    shown = f"{size.width}×{size.height}, {float(source.rate):.5g} frames/s, {float(source.duration_s):.2f} s"
    console.result(fields, f"{arguments.game}: {shown}, {source.codec} {source.colour.transfer}, {heard}")


def weights(_: Namespace, settings: Settings, console: Console) -> None:
    """Say which weights each look runs, having fetched them where they were missing."""
    own = own_weights()
    fields: dict[str, Json] = {"natural": _about(own), "crisp": None}
    lines = [f"natural: {_told(own)}"]
    try:
        best, detail = crisp_weights(settings, console.note)
    except WeightsMissing as absent:
        console.note(absent.message)
        lines.append("crisp: no weights")
    else:
        blend = best.blend
        dials: dict[str, Json] = {"blend": None, "detail": detail}
        lines.append(f"crisp: {_told(best)}")
        if blend:
            dials["blend"] = _about(blend.sibling) | {"share": blend.share}
            lines.append(f"crisp, {blend.share:.0%} of it: {_told(blend.sibling)}")
        fields["crisp"] = _about(best) | dials
    console.result(fields, "\n".join(lines))


def synth(arguments: Namespace, _: Settings, console: Console) -> None:
    """Film a match that never was, and write down what is true of it."""
    beside = arguments.output.with_suffix(".truth.json")
    if arguments.output.suffix not in _SYNTH_SUFFIXES:
        raise BadInput(f"{arguments.output} is none of {', '.join(_SYNTH_SUFFIXES)}.")
    require_writable(arguments.output)
    require_writable(beside)
    width, height = arguments.size
    match = Match(
        size=Size(width, height),
        rate=arguments.rate,
        duration_s=arguments.duration,
        seed=arguments.seed,
        rotation=arguments.rotation,
        transfer=arguments.transfer,
        codec="hevc" if arguments.transfer != "sdr" else arguments.codec,
        audio=not arguments.silent,
    )
    console.doing(f"Filming {arguments.output.name}")
    with arriving(beside) as known, arriving(arguments.output) as filmed:
        truth = write(match, filmed)
        known.write_text(truth.to_json())
    fields: dict[str, Json] = {"output": str(arguments.output), "truth": str(beside), "frames": len(truth.frames)}
    console.result(fields, f"{arguments.output}: {len(truth.frames)} frames; what is true of them: {beside}")


def title_of(text: str) -> str:
    """Return what a person typed, or a file is called, as an edit's title may be."""
    return cut("".join(character if character.isprintable() else " " for character in text), MOST_TITLE)


def say_which_clip(fault: BadInput, document: EditDocument) -> None:
    """Name the clip that an error is about by its place, where there are several."""
    ids = [clip.id for clip in document.clips]
    if len(ids) > 1 and fault.details.get("clip") in ids:
        fault.message = f"Clip {ids.index(cast('str', fault.details['clip'])) + 1}: {fault.message}"


def _summary(fields: dict[str, Json], value: dict[str, Json], document: EditDocument) -> str:
    size = OUTPUT_SIZES[document.aspect]
    rate = Fraction(*cast("list[int]", value["rate"]))
    lasts_s = float(cast("int", fields["frames"]) / rate)
    looks = " and ".join(cast("list[str]", fields["looks"]))
    networks = " and ".join(map(_named, cast("list[dict[str, Json]]", value["networks"])))
    look = f"{looks} by {networks}" if networks else looks or "no network needed"
    made = f"{fields['rendered_frames']} frames rendered, {fields['reused_frames']} reused, {fields['seconds']} s"
    return f"{fields['output']}: {lasts_s:.2f} s, {size.width}×{size.height}, {look}\n{made}"


def _named(network: dict[str, Json]) -> str:
    """Return a network's name and scale, and its sibling's where they are blended."""
    blend = cast("dict[str, str] | None", network["blend"])
    sibling = f" with {blend['name']}" if blend else ""
    return f"{network['name']}{sibling} (×{network['scale']})"


def _about(found: Weights | OwnWeights) -> dict[str, Json]:
    return {
        "network": found.network,
        "weights_sha256": found.sha256,
        "origin": found.origin,
        "licence": found.licence,
    }


def _told(found: Weights | OwnWeights) -> str:
    return f"{found.network}, {found.origin}, {found.licence}, sha256 {found.sha256}"


def _terms(rational: Fraction) -> list[Json]:
    return [rational.numerator, rational.denominator]
