"""Drawn truth: what one match cannot teach. Shirts with numbers, nets, boards, crowds, lines and grass of any kind.

Everything is drawn at twice its size and shrunk, so that edges are as soft as a lens leaves them.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from media.colour import Pixels

_OVER = 2
_WORDS = ("GOAL", "ULTRA", "SPORT 24", "BANK", "kick-off", "ENERGY+", "FC 1904", "www.club", "NORTH")


def scene(size: int, seed: int) -> Pixels:
    """Return one drawn picture, RGB (size, size, 3): the same every time."""
    rng = np.random.default_rng([seed, 7])
    side = size * _OVER
    ground = _grass(side, rng) if rng.random() < 0.75 else _crowd(side, rng)
    picture = Image.fromarray(np.clip(ground * 255 + 0.5, 0, 255).astype(np.uint8))
    things = (_lines, _net, _board, _players, _players, _text)
    for thing in rng.permutation(len(things))[: rng.integers(2, 6)].tolist():
        things[thing](picture, rng)
    return np.asarray(picture.resize((size, size), Image.Resampling.BOX))


def soft_scene(size: int, seed: int) -> Pixels:
    """Return a picture of soft lights and shades in strong colours, RGB (size, size, 3): the same every time.

    There is nothing fine in it: what a network makes of it is right or lies beside its place, brighter or darker.
    """
    rng = np.random.default_rng([seed, 8])
    picture = np.empty((size, size, 3), np.float32)
    picture[:] = _colour(rng)
    at = np.arange(size, dtype=np.float32)
    for _ in range(rng.integers(6, 25)):
        wide = float(np.exp(rng.uniform(np.log(6), np.log(60))))
        down, across = (np.exp(-(((at - middle) / wide) ** 2) / 2) for middle in rng.uniform(0, size, 2))
        light = (rng.uniform(0.3, 1) * down[:, None] * across)[..., None]
        picture += light * (np.array(_colour(rng), np.float32) - picture)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _noise(side: int, coarse_px: float, rng: np.random.Generator, along: float = 1.0) -> NDArray[np.float32]:
    """Return noise (side, side) of σ 1 whose grains are `coarse_px` wide and `along` times as tall."""
    sigma = max(coarse_px / 2, 0.3)
    shrink = max(1, int(sigma / 2))
    shape = (side // shrink + 1, side // shrink + 1)
    grain = cv2.GaussianBlur(
        rng.standard_normal(shape).astype(np.float32), (0, 0), sigma / shrink, sigmaY=sigma * along / shrink
    )
    full = cv2.resize(grain, (side, side), interpolation=cv2.INTER_CUBIC)
    return (full / (full.std() + 1e-6)).astype(np.float32)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    """Return a colour such as kits have: often strong, sometimes near black or white."""
    if rng.random() < 0.3:
        level = int(rng.choice((rng.integers(5, 50), rng.integers(200, 256))))
        return level, level, level
    hsv = np.array([[[rng.integers(0, 180), rng.integers(90, 256), rng.integers(60, 256)]]], np.uint8)
    red, green, blue = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0]
    return int(red), int(green), int(blue)


def _grass(side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    tone = np.array([0.30, 0.45, 0.18]) * rng.uniform(0.5, 1.5) * rng.uniform(0.85, 1.15, 3)
    blades = _noise(side, rng.uniform(2, 7), rng, along=rng.uniform(0.6, 3))
    tufts, patches = _noise(side, rng.uniform(12, 40), rng), _noise(side, rng.uniform(100, 400), rng)
    light = 1 + rng.uniform(0.03, 0.2) * blades + rng.uniform(0.02, 0.09) * tufts + 0.05 * patches
    if rng.random() < 0.5:  # mown stripes
        y, x = np.mgrid[0:side, 0:side] * (2 * np.pi / rng.uniform(200, 900))
        turn = rng.uniform(0, np.pi)
        light += 0.06 * np.tanh(4 * np.sin(x * np.cos(turn) + y * np.sin(turn)))
    hue = 1 + 0.05 * blades[..., None] * rng.standard_normal(3)
    return (light[..., None] * tone * hue).astype(np.float32)


def _crowd(side: int, rng: np.random.Generator) -> NDArray[np.float32]:
    picture = np.full((side, side, 3), rng.uniform(0.05, 0.4, 3), np.float32)
    step = int(rng.integers(18, 60))
    for y in range(0, side + step, step):
        for x in range(0, side + step, step):
            centre = (int(x + rng.integers(-step // 3, step // 3)), int(y + rng.integers(-step // 3, step // 3)))
            shirt = [c / 255 for c in _colour(rng)]
            cv2.ellipse(picture, centre, (step // 2, int(step * 0.7)), 0, 0, 360, shirt, -1, cv2.LINE_AA)
            skin = np.array([0.9, 0.7, 0.55]) * rng.uniform(0.3, 1)
            head = (centre[0], centre[1] - int(step * 0.8))
            cv2.circle(picture, head, int(step * 0.28), skin.tolist(), -1, cv2.LINE_AA)
            hair = (np.array([0.5, 0.35, 0.2]) * rng.uniform(0.1, 1)).tolist()
            cv2.ellipse(picture, head, (int(step * 0.3),) * 2, 0, 180, 360, hair, -1, cv2.LINE_AA)
    return (picture * (1 + 0.06 * _noise(side, 4, rng)[..., None])).astype(np.float32)


def _lines(picture: Image.Image, rng: np.random.Generator) -> None:
    """Draw touchlines and arcs, worn at their edges or crisp."""
    side, canvas = picture.width, np.asarray(picture).astype(np.float32)
    mask = np.zeros((side, side), np.float32)
    for _ in range(rng.integers(1, 4)):
        width = int(rng.integers(4, 40))
        if rng.random() < 0.6:
            one, other = rng.integers(-side // 4, side + side // 4, (2, 2))
            cv2.line(mask, one.tolist(), other.tolist(), 1.0, width, cv2.LINE_AA)
        else:
            axes = rng.integers(side // 8, side, 2).tolist()
            centre = rng.integers(0, side, 2).tolist()
            cv2.ellipse(mask, centre, axes, float(rng.integers(0, 180)), 0, 360, 1.0, width, cv2.LINE_AA)
    worn = np.clip(mask * (1 - rng.uniform(0, 0.35) * np.abs(_noise(side, 4, rng))), 0, 1)[..., None]
    white = rng.uniform(190, 255)
    picture.paste(Image.fromarray(np.clip(canvas * (1 - worn) + white * worn, 0, 255).astype(np.uint8)))


def _net(picture: Image.Image, rng: np.random.Generator) -> None:
    """Hang a net: threads a few pixels thick, in squares or diamonds, sagging and seen at an angle."""
    side, draw = picture.width, ImageDraw.Draw(picture)
    step, thread = rng.uniform(16, 70), int(rng.integers(1, 5))
    turn, squeeze, sag = rng.uniform(0, np.pi / 2), rng.uniform(0.5, 1.5), rng.uniform(0, 40)
    x0, y0 = rng.uniform(0, side / 2, 2)
    reach = rng.uniform(side / 4, side)
    along = np.linspace(-reach / 2, reach / 2, 60)
    colour = tuple(int(c) for c in rng.integers(170, 256, 1).repeat(3))
    for across in np.arange(-reach / 2, reach / 2, step):
        for u, v in ((along, np.full_like(along, across)), (np.full_like(along, across), along)):
            x = x0 + reach / 2 + u * np.cos(turn) - v * np.sin(turn)
            y = y0 + reach / 2 + (u * np.sin(turn) + v * np.cos(turn)) * squeeze + sag * np.cos(np.pi * u / reach)
            draw.line([*zip(x.tolist(), y.tolist(), strict=True)], fill=colour, width=thread)


def _board(picture: Image.Image, rng: np.random.Generator) -> None:
    """Put up an advertising board: letters on a plain or striped ground, maybe tilted."""
    side = picture.width
    width, height = int(rng.integers(side // 4, side)), int(rng.integers(40, 180))
    board = Image.new("RGB", (width, height), _colour(rng))
    draw = ImageDraw.Draw(board)
    for x in range(0, width, int(rng.integers(30, 200))):
        draw.rectangle((x, 0, x + int(rng.integers(4, 20)), height), fill=_colour(rng))
    draw.text((height // 4, height // 8), " ".join(rng.choice(_WORDS, 4)), _colour(rng), _font(height * 0.6))
    _paste(picture, board, rng, tilt_deg=15)


def _text(picture: Image.Image, rng: np.random.Generator) -> None:
    """Write words and numbers straight onto the picture, as score graphics do."""
    draw, side = ImageDraw.Draw(picture), picture.width
    for _ in range(rng.integers(1, 5)):
        words = str(rng.choice(_WORDS)) if rng.random() < 0.5 else f"{rng.integers(0, 9)} : {rng.integers(0, 9)}"
        x, y = rng.integers(0, side, 2).tolist()
        draw.text((x, y), words, _colour(rng), _font(rng.uniform(24, 120)), stroke_width=int(rng.integers(0, 4)))


def _players(picture: Image.Image, rng: np.random.Generator) -> None:
    for _ in range(rng.integers(1, 4)):
        _paste(picture, _player(int(rng.integers(120, 900)), rng), rng, tilt_deg=12)


def _player(height: int, rng: np.random.Generator) -> Image.Image:
    """Draw a player with a number on the shirt; folds, stripes and skin have shading."""
    width = int(height * 0.55)
    figure = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    draw = ImageDraw.Draw(figure)
    shirt, shorts, socks, number = (_colour(rng) for _ in range(4))
    skin = tuple(int(c) for c in np.array([235, 185, 150]) * rng.uniform(0.3, 1))
    hair = tuple(int(c) for c in np.array([120, 85, 50]) * rng.uniform(0.1, 1.3))

    def part(x: float, y: float) -> tuple[int, int]:
        return int(x * width), int(y * height)

    stride = rng.uniform(0.05, 0.3)
    limb = max(2, int(0.11 * width))
    for sign in (-1, 1):
        knee, foot = part(0.5 + sign * stride * 0.7, 0.72), part(0.5 + sign * stride, 0.95)
        draw.line([part(0.5 + sign * 0.08, 0.55), knee], skin, limb)
        draw.line([knee, foot], socks, limb)
        draw.ellipse((foot[0] - limb, foot[1] - limb // 2, foot[0] + limb, foot[1] + limb // 2), _colour(rng))
        hand = part(0.5 + sign * rng.uniform(0.25, 0.45), rng.uniform(0.3, 0.52))
        draw.line([part(0.5 + sign * 0.2, 0.22), hand], skin, max(2, limb * 2 // 3))
        draw.line([part(0.5 + sign * 0.17, 0.2), part(0.5 + sign * 0.3, 0.3)], shirt, limb)
    draw.polygon([part(0.3, 0.5), part(0.7, 0.5), part(0.75, 0.66), part(0.52, 0.64), part(0.25, 0.66)], shorts)
    draw.polygon([part(0.27, 0.18), part(0.73, 0.18), part(0.69, 0.53), part(0.31, 0.53)], shirt)
    if rng.random() < 0.4:
        for x in np.arange(0.3, 0.7, rng.uniform(0.05, 0.12)):
            draw.line([part(x, 0.18), part(x, 0.53)], socks, max(1, int(0.02 * width)))
    digits, font = str(rng.integers(1, 100)), _font(height * rng.uniform(0.15, 0.24))
    box = draw.textbbox((0, 0), digits, font)
    draw.text((width // 2 - (box[2] + box[0]) // 2, int(0.22 * height)), digits, number, font)
    draw.ellipse((*part(0.38, 0.01), *part(0.62, 0.16)), skin)
    draw.pieslice((*part(0.37, 0.0), *part(0.63, 0.15)), 180, 360, hair)
    pixels = np.asarray(figure).astype(np.float32)
    folds = 1 + 0.12 * _noise(max(width, height), height * 0.06, rng)[:height, :width, None]
    folds += 0.05 * _noise(max(width, height), 3, rng)[:height, :width, None]
    pixels[..., :3] = np.clip(pixels[..., :3] * folds, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")


def _paste(picture: Image.Image, thing: Image.Image, rng: np.random.Generator, tilt_deg: float) -> None:
    turned = thing.convert("RGBA").rotate(rng.uniform(-tilt_deg, tilt_deg), Image.Resampling.BICUBIC, expand=True)
    at = rng.integers(-turned.width // 3, picture.width, 1)[0], rng.integers(-turned.height // 3, picture.height, 1)[0]
    picture.paste(turned, (int(at[0]), int(at[1])), turned)


def _font(size_px: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(8, int(size_px)))
