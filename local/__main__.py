"""The command line: python -m local COMMAND."""

from __future__ import annotations

import os
import re
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, get_args

from local.console import Console, HumanConsole, MachineConsole
from local.wiring import Settings, settings_from
from reel.edit import Look
from reel.errors import BadField, BadInput, Cancelled, FfmpegFailed, Internal, MediaTimeout, ReelError, SourceTruncated
from reel.geometry import Aspect
from reel.tsv import read_time

EXIT_FAULT, EXIT_REFUSED, EXIT_CANCELLED = 1, 2, 130
OURS = (FfmpegFailed, Internal, MediaTimeout)


def main(argv: Sequence[str]) -> int:
    """Run one command; return 0 only for a whole, valid output, 2 for what a person can mend, 1 for a fault of ours."""
    console = MachineConsole() if "--json" in argv else HumanConsole()
    try:
        arguments = _parser().parse_args(argv)
        with console.live() if isinstance(console, HumanConsole) else nullcontext():
            arguments.command(arguments, settings_from(), console)
    except ReelError as error:
        if isinstance(error, SourceTruncated):
            error.message = f"{error.message} To use that much, add --accept-truncated."
        console.fault(error)
        if isinstance(error, Cancelled):
            return EXIT_CANCELLED
        return EXIT_FAULT if isinstance(error, OURS) else EXIT_REFUSED
    except KeyboardInterrupt:
        console.fault(Cancelled())
        return EXIT_CANCELLED
    return 0


class _Parser(ArgumentParser):
    """Raises what is wrong with the arguments, so that it is said like every other error."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise BadInput(f"{message[:1].upper()}{message[1:]}. Try: {self.prog} --help")


def _parser() -> ArgumentParser:
    parser = _Parser(prog="python -m local", description="From a filmed game to a player's highlight reel.")
    parser.add_argument("--json", action="store_true", help="say everything as JSON lines on stdout, the result last")
    commanded = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)

    reel = _command(commanded, "reel", "commands:reel", "make a reel of a game and its clips")
    _game(reel)
    clips = reel.add_mutually_exclusive_group(required=True)
    clips.add_argument("--clips", type=Path, metavar="X.tsv", help="the clip list")
    clips.add_argument("--edit", type=Path, metavar="EDIT.json", help="a saved edit; the game stands for its source")
    _min_rating(reel, 1)
    reel.add_argument("--best-first", action="store_true", help="the best rated clips first")
    reel.add_argument("--title", help="the reel's title (default: the game's file name)")
    _framing(reel)
    _output(reel, "the reel, an mp4")

    frame = _command(commanded, "frame", "commands:frame", "frame one span of a game")
    _game(frame)
    frame.add_argument("--from", dest="begin", type=_time, required=True, metavar="TIME", help="like 1:23.5")
    frame.add_argument("--to", dest="end", type=_time, required=True, metavar="TIME")
    _crop(frame)
    _framing(frame)
    _output(frame, "the framed video, an mp4")

    overlay = _command(commanded, "overlay", "handouts:overlay", "draw an edit's spotlights and texts onto its video")
    overlay.add_argument("framed", type=Path, metavar="FRAMED.mp4", help="the video that was framed from the edit")
    overlay.add_argument("--game", type=Path, required=True, metavar="GAME", help="the footage that it was framed from")
    _accept_truncated(overlay)
    overlay.add_argument("--edit", type=Path, required=True, metavar="EDIT.json", help="the saved edit")
    overlay.add_argument("--title", help="the reel's title (default: the edit's, else the video's)")
    overlay.add_argument("--aspect", choices=get_args(Aspect), help="the video's shape (default: the edit's)")
    _output(overlay, "the reel, an mp4")

    extract = _command(commanded, "extract", "handouts:extract", "cut one span of a game out, or every clip of a list")
    _game(extract)
    extract.add_argument("--from", dest="begin", type=_time, metavar="TIME", help="like 1:23.5")
    extract.add_argument("--to", dest="end", type=_time, metavar="TIME")
    extract.add_argument("--clips", type=Path, metavar="X.tsv", help="the clip list, instead of a span")
    _min_rating(extract, 1)
    _output(extract, "the clip, an mp4; with --clips the folder for them")

    compiled = _command(commanded, "compile", "handouts:compile_clips", "put clips one after another, with banners")
    _game(compiled)
    compiled.add_argument("--clips", type=Path, required=True, metavar="X.tsv", help="the clip list")
    _min_rating(compiled, 4)
    compiled.add_argument("--best-first", action="store_true", help="the best rated clips first")
    compiled.add_argument("--title", help="the video's title (default: the game's file name)")
    _output(compiled, "the video, an mp4; the clip list is written beside it, as .tsv")

    preview = _command(commanded, "preview", "commands:preview", "show one frame before and after")
    _game(preview)
    preview.add_argument("--at", type=_time, required=True, metavar="TIME", help="like 1:23.5")
    _crop(preview)
    preview.add_argument("--aspect", choices=get_args(Aspect))
    preview.add_argument("--look", choices=get_args(Look), help="default: natural, with CUDA crisp")
    _output(preview, "before and after side by side, a png")

    probe = _command(commanded, "probe", "commands:look_over", "say what a file is")
    _game(probe)

    _command(commanded, "weights", "commands:weights", "say which weights are used, and fetch them")

    kept = _command(commanded, "history", "history:command", "list the snapshots of a user's database, or restore one")
    kept.add_argument("user", metavar="USER")
    kept.add_argument("--restore", type=_version, metavar="VERSION", help="bring this one back; what is there is kept")

    synth = _command(commanded, "synth", "commands:synth", "film a match with known truth")
    synth.add_argument("--size", type=_size, default=(1280, 720), metavar="WxH")
    synth.add_argument("--rate", type=_fraction, default=Fraction(25), metavar="FPS", help="like 25 or 30000/1001")
    synth.add_argument("--duration", type=_fraction, default=Fraction(10), metavar="SECONDS")
    synth.add_argument("--seed", type=_seed, default=1, metavar="N", help="another seed is another match")
    synth.add_argument("--rotation", type=int, choices=(0, 90, 180, 270), default=0)
    synth.add_argument("--transfer", choices=("sdr", "hlg", "pq"), default="sdr")
    synth.add_argument("--codec", choices=("h264", "hevc"), default="h264")
    synth.add_argument("--silent", action="store_true", help="without sound")
    _output(synth, "the match, an mp4")

    served = _command(commanded, "up", "up:up", "serve everything on this machine, until Ctrl-C")
    served.add_argument("--lan", action="store_true", help="let other devices of the home network in, too")
    served.add_argument("--dev", action="store_true", help="let the editor in that ./run dev serves on port 5173")
    _command(commanded, "store", "store_main:store", "be the embedded store, as `up` says on the standard input")
    _command(commanded, "worker", "worker_main:worker", "be a worker, as `up` says on the standard input")

    shown = _command(commanded, "demo", "demo:demo", "make a reel of the demo game, or of your own")
    shown.add_argument("--game", type=Path, help="your own game")
    shown.add_argument("--clips", type=Path, metavar="X.tsv", help="and its clip list")
    _accept_truncated(shown)
    return parser


def _command(commanded: object, name: str, command: str, help_text: str) -> ArgumentParser:
    parser = commanded.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")  # type: ignore[attr-defined]
    parser.add_argument("--json", action="store_true", help="say everything as JSON lines on stdout, the result last")
    parser.set_defaults(command=_later(command))
    return parser


def _later(command: str) -> Callable[[Namespace, Settings, Console], None]:
    """Return the function `module:name` of this package, loaded when it is called: what serves holds no codec."""

    def call(arguments: Namespace, settings: Settings, console: Console) -> None:
        module, _, name = command.partition(":")
        getattr(import_module(f"local.{module}"), name)(arguments, settings, console)

    return call


def _game(parser: ArgumentParser) -> None:
    parser.add_argument("game", type=Path, metavar="GAME", help="the footage")
    _accept_truncated(parser)


def _accept_truncated(parser: ArgumentParser) -> None:
    parser.add_argument("--accept-truncated", action="store_true", help="use what is there of a file that ends early")


def _framing(parser: ArgumentParser) -> None:
    parser.add_argument("--aspect", choices=get_args(Aspect), help="the shape (default: the edit's, else 9:16)")
    help_text = "of clips that name none (default: natural, with CUDA crisp); draft: no network, in seconds"
    parser.add_argument("--look", choices=(*get_args(Look), "draft"), help=help_text)


def _min_rating(parser: ArgumentParser, default: int) -> None:
    help_text = f"leave out lower rated clips (default: {default})"
    parser.add_argument("--min-rating", type=int, choices=range(1, 6), default=default, help=help_text)


def _crop(parser: ArgumentParser) -> None:
    parser.add_argument("--crop", type=_window, metavar="CX,CY,H", help="the crop's centre and height, in parts of 1")


def _output(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("-o", "--output", type=Path, required=True, help=what)


def _time(text: str) -> Fraction:
    try:
        return read_time(text, "")
    except BadField as bad:
        raise ArgumentTypeError(bad.message) from bad


def _window(text: str) -> tuple[float, float, float]:
    try:
        cx, cy, h = (float(part) for part in text.split(","))
    except ValueError as bad:
        raise ArgumentTypeError(f"{text!r} is not CX,CY,H") from bad
    if not (0 <= cx <= 1 and 0 <= cy <= 1 and 0 < h <= 1):
        raise ArgumentTypeError(f"{text!r} is not three parts of the picture from 0 to 1")
    return cx, cy, h


def _size(text: str) -> tuple[int, int]:
    if not re.fullmatch("[0-9]{2,4}x[0-9]{2,4}", text):
        raise ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT")
    width, height = (int(side) for side in text.split("x"))
    if not (16 <= width <= 8192 and 16 <= height <= 4352) or width % 2 or height % 2:
        raise ArgumentTypeError(f"{text} is not even and from 16x16 to 8192x4352")
    return width, height


def _fraction(text: str) -> Fraction:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}|/0*[1-9][0-9]{0,5})?", text):
        raise ArgumentTypeError(f"{text!r} is no number like 25, 12.5 or 30000/1001")
    value = Fraction(text)
    if not 0 < value <= 3600:
        raise ArgumentTypeError(f"{text} is not above 0 and up to 3600")
    return value


def _version(text: str) -> int:
    if not re.fullmatch("[0-9]{1,15}", text):
        raise ArgumentTypeError(f"{text!r} is no version")
    return int(text)


def _seed(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        raise ArgumentTypeError(f"{text!r} is no whole number from 0 to 999999999")
    return int(text)


if __name__ == "__main__":
    exit_code = main(sys.argv[1:])
    if exit_code or threading.active_count() > 1:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):
                stream.flush()
        os._exit(exit_code)  # a stopped job's network, or a request to a store: Python would wait for either
