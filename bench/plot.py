"""Line plots as SVG, with both axes logarithmic, by nothing but this file."""

import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 34, 62
COLORS = ("#1f5fa8", "#c2571a", "#3a7d34", "#7a4a9c")
FONT = "font-family='sans-serif' font-size='11'"


@dataclass(frozen=True)
class Series:
    name: str
    points: list[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    title: str
    x_label: str
    y_label: str
    series: list[Series]
    linear: bool = False  # draws what grows in proportion from the first point on, for comparison


class Axis:
    """From a value to a place, and the powers of ten between."""

    def __init__(self, values: list[float], start: float, end: float, at_least_decades: int = 1):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + at_least_decades)
        self.start, self.end = start, end

    def place(self, value: float) -> float:
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def tick_text(value: float) -> str:
    for factor, unit in ((1e6, "M"), (1e3, "k")):
        if value >= factor:
            return f"{value / factor:g}{unit}"
    return f"{value:g}"


def line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' {style}/>"


def text(x: float, y: float, content: str, more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' {FONT} {more}>{escape(content)}</text>"


def draw_panel(panel: Panel, left: float) -> list[str]:
    xs = [x for one in panel.series for x, _ in one.points]
    ys = [y for one in panel.series for _, y in one.points]
    x_axis = Axis(xs, left + LEFT, left + WIDTH - RIGHT)
    y_axis = Axis(ys, HEIGHT - BOTTOM, TOP, 2)
    out = [text(left + WIDTH / 2, 18, panel.title, "text-anchor='middle' font-weight='bold'")]
    for tick in x_axis.ticks():
        x = x_axis.place(tick)
        out += [line(x, TOP, x, HEIGHT - BOTTOM, "stroke='#ddd'"),
                text(x, HEIGHT - BOTTOM + 15, tick_text(tick), "text-anchor='middle'")]
    for tick in y_axis.ticks():
        y = y_axis.place(tick)
        out += [line(left + LEFT, y, left + WIDTH - RIGHT, y, "stroke='#ddd'"),
                text(left + LEFT - 5, y + 4, tick_text(tick), "text-anchor='end'")]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    out += [text(left + WIDTH / 2, HEIGHT - BOTTOM + 31, panel.x_label, "text-anchor='middle'"),
            text(left + 14, middle, panel.y_label,
                 f"text-anchor='middle' transform='rotate(-90 {left + 14:.1f} {middle:.1f})'")]
    for i, one in enumerate(panel.series):
        out += draw_series(one, COLORS[i % len(COLORS)], x_axis, y_axis, panel.linear)
        at = left + LEFT + i * 150
        out += [line(at, HEIGHT - 14, at + 18, HEIGHT - 14,
                     f"stroke='{COLORS[i % len(COLORS)]}' stroke-width='2'"),
                text(at + 23, HEIGHT - 10, one.name)]
    return out


def draw_series(one: Series, color: str, x_axis: Axis, y_axis: Axis, linear: bool) -> list[str]:
    places = [(x_axis.place(x), y_axis.place(y)) for x, y in one.points]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    out = [f"<polyline points='{joined}' fill='none' stroke='{color}' stroke-width='2'/>"]
    out += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{color}'/>" for x, y in places]
    if linear:
        (x0, y0), (x1, _) = one.points[0], one.points[-1]
        end = min(y0 * x1 / x0, y_axis.ticks()[-1])
        out.append(line(x_axis.place(x0), y_axis.place(y0), x_axis.place(x0 * end / y0),
                        y_axis.place(end), f"stroke='{color}' stroke-dasharray='3 3'"))
    return out


def svg(panels: list[Panel]) -> str:
    width = WIDTH * len(panels)
    parts = [f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{HEIGHT}' "
             f"viewBox='0 0 {width} {HEIGHT}'>",
             f"<rect width='{width}' height='{HEIGHT}' fill='white'/>"]
    for i, panel in enumerate(panels):
        parts += draw_panel(panel, i * WIDTH)
    return "\n".join([*parts, "</svg>", ""])
