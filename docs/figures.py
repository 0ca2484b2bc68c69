"""Figures for the course: a Matplotlib figure as SVG that stands inside the page.

The code blocks of a chapter end with

    print(svg(fig, alt="The conclusion of the figure as a sentence."))

Importing this module sets a style that reads well on a light and on a dark page, where lines differ
in dash as well as in color. Import it before the figure is made.
"""

import html
import io
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.figure import Figure

mpl.rcParams.update(
    {
        "figure.figsize": (5.6, 3.4),
        "figure.constrained_layout.use": True,
        "font.size": 11,
        "axes.titlesize": 11,
        "axes.spines.top": False,
        "axes.spines.right": False,
        # Four colors, each with its dash and a contrast of 3 or more on a light and a dark page.
        "axes.prop_cycle": cycler(
            color=["#4a7fd6", "#d1622b", "#2c9161", "#b45fc0"],
            linestyle=["-", "--", "-.", ":"],
        ),
        "lines.linewidth": 2,
        "legend.framealpha": 0,
        "legend.edgecolor": "none",
        "image.cmap": "cividis",
    }
)


LONG = re.compile(r"\d+\.\d{3,}")
LINES = re.compile(r' d="[^"CQ]*"')
"""A path of straight lines only."""


def svg(fig: Figure, alt: str) -> str:
    """Turn a figure into inline SVG and close it.

    Text stays text, the background is transparent, black becomes the page's text color, and the
    same figure always gives the same characters.

    Parameters
    ----------
    fig : Figure
        The figure. It is closed and can't be shown afterward.
    alt : str
        What the figure shows, as a sentence, for readers who can't see it. It also keeps the ids of
        two figures apart, so no two different figures on a page may share it.

    Returns
    -------
    str
        One `<svg>` element with `role="img"` and `alt` as its title.

    Raises
    ------
    ValueError
        If `alt` is blank.
    """
    if not alt.strip():
        raise ValueError("a figure needs an alt text: its conclusion as a sentence")
    drawing = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": alt}):
        fig.savefig(
            drawing,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    plt.close(fig)
    return _inline(drawing.getvalue(), alt)


def _shorter(number: re.Match[str]) -> str:
    """Return a coordinate to a hundredth of a point, finer than any screen."""
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _inline(document: str, alt: str) -> str:
    """Make a Matplotlib SVG document an element that fits into a page."""
    element = document[document.index("<svg") :]
    # A style sheet inside a page would apply to all of it: the root's attributes say the same.
    element = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", element, count=1, flags=re.DOTALL)
    element = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", element, flags=re.DOTALL)
    # Every figure has an axes_1: only the ids that the drawing refers to stay.
    element = re.sub(r'<g id="[^"]*"', "<g", element)
    element = re.sub(r" *font-family: [^;\"]*;?", "", element)  # the page's own font
    element = element.replace("#000000", "currentColor")
    element = re.sub(r"\s*\n\s*", "\n", element)
    element = re.sub(r"<[^>]*>", lambda tag: LONG.sub(_shorter, tag[0]), element)
    element = re.sub(r'<path clip-path="[^"]*" style="[^"]*"/>', "", element)  # nothing to draw
    # A line that follows another needs no letter.
    element = LINES.sub(lambda path: re.sub(r"(?<=\d)\nL ", " ", path[0]), element)
    opening = (
        r'<svg class="figure" role="img" width="\1" viewBox="\2" fill="currentColor"'
        ' stroke-linejoin="round" stroke-linecap="butt" xmlns="http://www.w3.org/2000/svg"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    root = re.compile(r'<svg.*? width="(.*?)".*? viewBox="(.*?)".*?>', flags=re.DOTALL)
    title = f"<title>{html.escape(alt)}</title>"
    return root.sub(opening, element, count=1).replace(">", f">{title}", 1)
