"""What the commands do that finish or hand out: overlay, extract, compile."""

from __future__ import annotations

import shutil
import time
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import cast

from jobs.framing import DRAFT_COMMENT
from jobs.from_edit import framing_spec
from jobs.sources import standing
from jobs.spec import CompileSpec, ExtractSpec, MarkedClip, SourceRef
from local.adopt import adopt, reading
from local.commands import say_which_clip, title_of
from local.console import Console
from local.drawn import REMADE, draw_over, told_remade
from local.edits import clips_of, one_clip, only_source, read_edit, read_rows
from local.home import Home, open_home
from local.wiring import Settings
from local.work import arriving, deliver, do, require_writable
from media.open import open_footage
from reel.annotation import Clip, clip_name
from reel.errors import BadInput, Json, OutputUnwritable
from reel.geometry import OUTPUT_SIZES
from reel.keys import LOCAL_USER
from reel.timing import Span
from reel.tsv import TsvRow
from storage.ids import uuid7

_MOST_NAME_BYTES = 200  # a disk takes 255, and more stands around it
_NOT_IN_NAMES = set('/\\:*?"<>|')  # what Windows or a Mac cannot have in a file's name


def overlay(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Draw what a saved edit has onto a video that was framed from it."""
    began_s = time.monotonic()
    require_writable(arguments.output, arguments.framed, arguments.game, arguments.edit)
    edit = only_source(read_edit(arguments.edit))
    with reading(arguments.framed), open_footage(arguments.framed) as container:
        said = dict(container.metadata)
    home = open_home(settings, console.announce, console.note)
    source = adopt(arguments.game, home.store, accept_truncated=arguments.accept_truncated, doing=console.doing)
    title = title_of(arguments.title or edit.title or said.get("title") or arguments.game.stem)
    document = replace(edit, aspect=arguments.aspect or edit.aspect, title=title)
    framing = framing_spec(
        document,
        user=LOCAL_USER,
        job=uuid7(),
        project=source.id,
        sources=[source],
        names={},
        look="natural",  # which is of no matter here: what was framed is framed
        draft=said.get("comment") == DRAFT_COMMENT,
    )
    home.store.refer(framing.output_key, arguments.framed)
    try:
        value = draw_over(document, framing, home, console)
    except BadInput as fault:
        say_which_clip(fault, document)
        raise
    deliver(cast("str", value["key"]), home.store, arguments.output)
    fields: dict[str, Json] = {
        "output": str(arguments.output),
        "frames": value["frames"],
        **{name: value[name] for name in (*REMADE, "outside", "draft")},
        "seconds": round(time.monotonic() - began_s, 2),
    }
    size = OUTPUT_SIZES[document.aspect]
    shown = _told_video(arguments.output, value, (size.width, size.height))
    console.result(fields, f"{shown}\n{told_remade(value)}, {fields['seconds']} s")


@dataclass(frozen=True, slots=True)
class _Cut:
    """A raw clip that is wanted: where it goes, what it is called, its span in the source."""

    output: Path
    name: str
    time_base: Fraction
    span: Span


def extract(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Cut out one span of a game, or every clip of a list into a folder."""
    began_s = time.monotonic()
    _require_span_or_list(arguments)
    rows = read_rows(arguments.clips, arguments.min_rating, best=False) if arguments.clips else []
    outputs = [arguments.output / name for name in _file_names(rows)] if rows else [arguments.output]
    inputs = [path for path in (arguments.game, arguments.clips) if path]
    _require_place(arguments.output if rows else None, outputs, inputs)
    home = open_home(settings, console.announce, console.note)
    source = adopt(arguments.game, home.store, accept_truncated=arguments.accept_truncated, doing=console.doing)
    with standing(source, home.store) as footing:
        if rows:
            clips = clips_of(rows, footing)
            wanted = [_cut(output, clip) for output, clip in zip(outputs, clips, strict=True)]
        else:
            (clip,) = one_clip(footing, arguments.begin, arguments.end, None, "16:9").clips
            wanted = [_Cut(arguments.output, title_of(arguments.output.stem), clip.time_base, clip.span)]
    values = _cut_all(wanted, source, home, console)
    made: list[Json] = [
        {"output": str(cut.output), "frames": value["frames"], **{name: value[name] for name in REMADE}}
        for cut, value in zip(wanted, values, strict=True)
    ]
    seconds: Json = round(time.monotonic() - began_s, 2)
    fields: dict[str, Json] = {"output": str(arguments.output), "clips": made, "seconds": seconds}
    told = (_told_clip(cut.output, value) for cut, value in zip(wanted, values, strict=True))
    console.result(fields, "\n".join(told))


def compile_clips(arguments: Namespace, settings: Settings, console: Console) -> None:
    """Put a list's clips one after another, each with its banner, and the list beside them."""
    began_s = time.monotonic()
    beside = arguments.output.with_suffix(".tsv")
    if beside == arguments.output:
        raise BadInput(f"{arguments.output} is the name of the clip list that is written beside the video.")
    for output in (arguments.output, beside):
        require_writable(output, arguments.game, arguments.clips)
    rows = read_rows(arguments.clips, arguments.min_rating, best=arguments.best_first)
    home = open_home(settings, console.announce, console.note)
    source = adopt(arguments.game, home.store, accept_truncated=arguments.accept_truncated, doing=console.doing)
    with standing(source, home.store) as footing:
        clips = clips_of(rows, footing)
    spec = CompileSpec(
        user=LOCAL_USER,
        job=uuid7(),
        title=title_of(arguments.title or arguments.game.stem),
        sources=(source,),
        clips=tuple(map(_marked, clips)),
    )
    try:
        value = do(spec, home.tools, console)
        with (
            arriving(beside) as listed,
            arriving(arguments.output) as film,
            home.store.open(spec.output_key) as video,
            home.store.open(spec.list_key) as text,
        ):
            shutil.copyfile(video, film)
            shutil.copyfile(text, listed)
    finally:
        for key in (spec.output_key, spec.list_key):
            home.store.delete(key)
    fields: dict[str, Json] = {
        "output": str(arguments.output),
        "clip_list": str(beside),
        "clips": len(clips),
        **{name: value[name] for name in ("frames", "rendered_frames", "reused_frames")},
        "seconds": round(time.monotonic() - began_s, 2),
    }
    across, down = cast("list[int]", value["size_px"])
    shown = _told_video(arguments.output, value, (across, down))
    made = f"{fields['rendered_frames']} frames rendered, {fields['reused_frames']} reused, {fields['seconds']} s"
    console.result(fields, f"{shown}, {len(clips)} clips; their list: {beside}\n{made}")


def _require_span_or_list(arguments: Namespace) -> None:
    ends = (arguments.begin, arguments.end)
    if arguments.clips is None and None in ends:
        raise BadInput("Say which part of the game: --from and --to, or --clips.")
    if arguments.clips is not None and ends != (None, None):
        raise BadInput("--from and --to are for one span; a list has its own.")


def _cut(output: Path, clip: Clip) -> _Cut:
    return _Cut(output, clip.shown_name, clip.time_base, clip.span)


def _cut_all(wanted: Sequence[_Cut], source: SourceRef, home: Home, console: Console) -> list[dict[str, Json]]:
    """Make every raw clip, then deliver them: all or none."""
    specs = [
        ExtractSpec(
            user=LOCAL_USER,
            job=uuid7(),
            clip=uuid7(),
            name=cut.name,
            source=source,
            time_base=cut.time_base.as_integer_ratio(),
            in_pts=cut.span.in_pts,
            out_pts=cut.span.out_pts,
        )
        for cut in wanted
    ]
    try:
        values = [do(spec, home.tools, console) for spec in specs]
        for spec, cut in zip(specs, wanted, strict=True):
            _make_folder(cut.output.parent)
            deliver(spec.output_key, home.store, cut.output)
    finally:
        for spec in specs:
            home.store.delete(spec.output_key)
    return values


def _marked(clip: Clip) -> MarkedClip:
    return MarkedClip(
        id=clip.id,
        source=clip.source_id,
        time_base=clip.time_base.as_integer_ratio(),
        in_pts=clip.span.in_pts,
        out_pts=clip.span.out_pts,
        rating=clip.rating,
        tags=clip.tags,
        name=clip.name,
        notes=clip.notes,
    )


def _file_names(rows: Sequence[TsvRow]) -> list[str]:
    """Return a name for each clip's file: its number in the list, so that they stay in order, and what it is called."""
    digits = len(str(len(rows)))
    names = (row.name or clip_name(row.rating, row.tags, row.notes) for row in rows)
    return [f"{number:0{digits}} {_safe(name)}".strip(" .") + ".mp4" for number, name in enumerate(names, 1)]


def _safe(name: str) -> str:
    kept = "".join(
        character if character.isprintable() and character not in _NOT_IN_NAMES else " " for character in name
    )
    return " ".join(kept.split()).encode()[:_MOST_NAME_BYTES].decode(errors="ignore").strip(" .")


def _require_place(folder: Path | None, outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Make sure, before any work, that all of `outputs` can be written; `folder`, if they go into one, may be new."""
    if folder is not None and not folder.is_dir():
        if folder.exists():
            raise OutputUnwritable(f"{folder} is no folder.")
        require_writable(folder)
        return
    for output in outputs:
        require_writable(output, *inputs)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except OSError as fault:
        raise OutputUnwritable(f"{folder} cannot be made: {fault.strerror}.") from fault


def _told_video(output: Path, value: dict[str, Json], size: tuple[int, int]) -> str:
    rate = Fraction(*cast("list[int]", value["rate"]))
    lasts_s = float(cast("int", value["frames"]) / rate)
    return f"{output}: {lasts_s:.2f} s, {size[0]}×{size[1]}, {_told_size(output)}"


def _told_clip(output: Path, value: dict[str, Json]) -> str:
    return f"{output}: {value['duration_s']:.2f} s, {_told_size(output)}, {told_remade(value)}"


def _told_size(output: Path) -> str:
    return f"{output.stat().st_size / 1e6:.1f} MB"
