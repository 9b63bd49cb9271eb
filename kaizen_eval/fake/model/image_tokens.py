"""What an image adds to a prompt, by OpenAI's guide on images."""

from __future__ import annotations

import math
import re

from kaizen_eval.fake.model.image_size import Size

__all__ = ["image_tokens"]

_PATCHED: tuple[tuple[re.Pattern[str], float], ...] = (
    (re.compile(r"gpt-(?:4\.1|5)-mini"), 1.62),
    (re.compile(r"gpt-(?:4\.1|5)-nano"), 2.46),
    (re.compile(r"o4-mini"), 1.72),
)
"""Models that see patches of 32 pixels, and what a patch costs them."""
_PATCH, _MOST_PATCHES = 32, 1536
_TILED: tuple[tuple[re.Pattern[str], tuple[int, int]], ...] = (
    (re.compile(r"gpt-4o-mini"), (2833, 5667)),
    (re.compile(r"gpt-5"), (70, 140)),
    (re.compile(r"o[13]"), (75, 150)),
    (re.compile(""), (85, 170)),
)
"""All others see tiles of 512 pixels: what an image costs them, and each of its tiles."""
_TILE, _LONGEST, _SHORTEST = 512, 2048, 768
"""An image is made to fit a square of the second, then its shorter side to fit the third."""


def image_tokens(model: str | None, size: Size, detail: str) -> int:
    """What is billed; one whose `detail` is "low" is looked at as a whole by models that see tiles."""
    name = (model or "").rpartition("/")[2]
    for family, cost in _PATCHED:
        if family.match(name):
            return math.ceil(_patches(size) * cost)
    base, tile = next(costs for family, costs in _TILED if family.match(name))
    return base if detail == "low" else base + tile * _tiles(size)


def _patches(size: Size) -> int:
    """All that cover it; where they are too many, as many as are left when it is made smaller."""
    covering = _covering(size.width, _PATCH) * _covering(size.height, _PATCH)
    if covering <= _MOST_PATCHES:
        return covering
    scale = math.sqrt(_PATCH**2 * _MOST_PATCHES / (size.width * size.height))
    sides = [side * scale / _PATCH for side in size]
    scale *= min(max(1, math.floor(side)) / side for side in sides)
    across, down = (_covering(round(side * scale, 6), _PATCH) for side in size)
    return min(across * down, _MOST_PATCHES)


def _tiles(size: Size) -> int:
    scale = min(1.0, _LONGEST / max(size))
    scale = min(scale, _SHORTEST / min(size))
    across, down = (_covering(round(side * scale, 6), _TILE) for side in size)
    return across * down


def _covering(length: float, step: int) -> int:
    return max(1, math.ceil(length / step))
