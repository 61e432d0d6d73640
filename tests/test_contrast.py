"""Every pair of text and ground, and every edge of a control, can be seen: WCAG 2.2, both schemes (design.md)."""

import math
import re
from pathlib import Path

import pytest

import connexion_plugin

TOKENS = Path(connexion_plugin.__file__).parent / "static/connexion_plugin/css/tokens.css"
GROUNDS = ("sunk", "paper", "surface", "tint")
TEXT = [
    *(
        (ink, ground)
        for ink in ("ink", "soft", "blue", "red", "amber", "green", "slate")
        for ground in GROUNDS
    ),
    ("on-blue", "blue"),
    ("on-blue", "blue-pressed"),
    ("on-head", "head"),
    ("on-head-soft", "head"),
    ("red", "red-ground"),
    ("ink", "red-ground"),
    ("ink", "amber-ground"),
    ("amber", "amber-ground"),
    ("ink", "green-ground"),
    ("green", "green-ground"),
]
# The edge of a control, the ring of the focus, and the figures, on what they stand on.
EDGES = [
    *((edge, ground) for edge in ("edge", "blue", "red") for ground in ("paper", "surface", "sunk")),
    ("surface", "green"),
    ("surface", "slate"),
    ("on-head", "head"),
]

Colour = tuple[float, float, float]


def to_linear_rgb(lightness: float, chroma: float, hue: float) -> Colour:
    """OKLCH to linear sRGB, clipped (CSS Color 4, section 10)."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (min(max(channel, 0.0), 1.0) for channel in channels)
    return red, green, blue


def luminance(colour: Colour) -> float:
    red, green, blue = colour
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens() -> dict[str, tuple[Colour, Colour]]:
    """Each colour by name: as it is in the light scheme, and in the dark."""
    value = r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)"
    found = re.findall(rf"--([\w-]+): light-dark\({value}, {value}\);", TOKENS.read_text())
    return {
        name: (
            to_linear_rgb(float(numbers[0]) / 100, float(numbers[1]), float(numbers[2])),
            to_linear_rgb(float(numbers[3]) / 100, float(numbers[4]), float(numbers[5])),
        )
        for name, *numbers in found
    }


def test_the_conversion_knows_black_white_and_red() -> None:
    assert ratio(to_linear_rgb(1, 0, 0), to_linear_rgb(0, 0, 0)) == pytest.approx(21, abs=0.01)
    # sRGB red is oklch(62.796% 0.25768 29.234), and its contrast with white 3.998.
    assert ratio(to_linear_rgb(0.62796, 0.25768, 29.234), to_linear_rgb(1, 0, 0)) == pytest.approx(
        3.998, abs=0.01
    )


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_from_its_ground(ink: str, ground: str, scheme: int) -> None:
    colours = tokens()
    assert ratio(colours[ink][scheme], colours[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_the_edge_of_a_control_can_be_seen(edge: str, ground: str, scheme: int) -> None:
    colours = tokens()
    assert ratio(colours[edge][scheme], colours[ground][scheme]) >= 3


def test_a_scheme_changes_colours_and_nothing_else() -> None:
    """`light-dark()` gives colours only (CSS Color 5); tests/browser looks for all the rest in one scheme."""
    sources = [
        path
        for path in (TOKENS.parent.parent).rglob("*")
        if path.suffix in {".css", ".js", ".svg"} and path.is_file()
    ]
    assert TOKENS in sources
    for path in sources:
        assert not re.search(r"prefers-color-scheme|matchMedia", path.read_text(encoding="utf-8")), path
