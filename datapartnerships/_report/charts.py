"""Bars as inline SVG: no script, no identifier, no picture.

Widths are percentages and there is no viewBox, so that a bar takes the width of its box while
its height, and all text around it, keep their size on any screen.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from datapartnerships._report.words import visible

# Percent: what is more than nothing must be seen.
_LEAST = 0.5


def bars(title: str, values: Sequence[tuple[float, str, int]], most: float) -> str:
    """Bars below each other: (value, class of the color, height in pixels), out of `most`."""
    height = sum(item[2] for item in values) + 2 * max(0, len(values) - 1)
    shapes, y = [], 0
    for value, color, thick in values:
        shapes.append(f'<rect class="track" y="{y}" width="100%" height="{thick}" rx="1"/>')
        if value > 0 and most > 0:
            shapes.append(_rect(0, max(_LEAST, 100 * value / most), y, thick, color))
        y += thick + 2
    return _svg("bar", title, "", height, "".join(shapes))


def parts(title: str, description: str, values: Sequence[tuple[float, str]], height: int) -> str:
    """One bar cut into parts: (value, class of the color)."""
    whole = sum(value for value, _ in values)
    shapes = [f'<rect class="track" width="100%" height="{height}" rx="2"/>']
    x = 0.0
    widths = [max(_LEAST, 100 * v / whole) if v > 0 else 0.0 for v, _ in values]
    for (_, color), width in zip(values, widths, strict=True):
        width *= 100 / sum(widths) if whole else 0
        if width:
            shapes.append(_rect(x, width, 0, height, color))
        x += width
    return _svg("parts", title, description, height, "".join(shapes))


def _rect(x: float, width: float, y: int, height: int, color: str) -> str:
    return (
        f'<rect class="{color}" x="{_percent(x)}" y="{y}" width="{_percent(min(100, width))}" '
        f'height="{height}" rx="1"/>'
    )


def _percent(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%"


def _svg(name: str, title: str, description: str, height: int, shapes: str) -> str:
    about = f"<title>{html.escape(visible(title))}</title>"
    if description:
        about += f"<desc>{html.escape(visible(description))}</desc>"
    return (
        f'<svg class="{name}" role="img" width="100%" height="{height}" focusable="false">'
        f"{about}{shapes}</svg>"
    )
