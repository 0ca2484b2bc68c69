"""HTML pages that need nothing but themselves: no script, no font, no network.

Whatever a template prints is escaped, and what isn't a printed character is replaced
by one, so that no name and no output of a student's can act on the page or hide in it.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import jinja2
from markupsafe import Markup

from autograder.core.plain import clean


def render(template: str, **facts: Any) -> str:
    """Return a page.

    Parameters
    ----------
    template : str
        The name of a file in `templates`.
    **facts
        What the template speaks of.
    """
    return _templates().get_template(template).render(facts)


@functools.cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder.reports"),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = (breakable, counted, decimals, number, percent, signed)
    templates.filters |= {filter.__name__: filter for filter in filters}
    return templates


def _shown(value: Any) -> Any:
    """Return a text with only printed characters and lines; markup of our own as it is."""
    return clean(value) if type(value) is str else value


@functools.lru_cache(1000)
def breakable(name: str) -> Markup:
    """Return a name in code that a narrow column breaks between its words.

    Examples
    --------
    >>> breakable("Network.backward")
    Markup('Network.<wbr>backward')
    """
    return Markup("<wbr>").join(re.split(r"(?<=[_.])", name))


def number(value: int) -> str:
    """Return a number for people.

    Examples
    --------
    >>> number(12345)
    '12,345'
    """
    return f"{value:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number and its noun.

    Examples
    --------
    >>> counted(1, "student"), counted(1200, "student")
    ('1 student', '1,200 students')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def decimals(value: float, digits: int) -> str:
    """Return a number with so many decimals, and a minus sign that is one.

    Examples
    --------
    >>> decimals(-0.25, 1), decimals(-0.01, 1), decimals(2.0, 0)
    ('−0.2', '0.0', '2')
    """
    said = f"{value:.{digits}f}"
    return said.replace("-", "−" if float(said) else "")


def percent(part: int, whole: int) -> str:
    """Return a share for people; only nothing is 0% and only everything is 100%.

    Examples
    --------
    >>> percent(1, 3), percent(1, 1000), percent(999, 1000), percent(0, 0)
    ('33%', '<1%', '>99%', '–')
    """
    if not whole:
        return "–"
    rounded = (200 * part + whole) // (2 * whole)
    if rounded == 0 and part:
        return "<1%"
    if rounded == 100 and part < whole:
        return ">99%"
    return f"{rounded}%"


def signed(value: float | None) -> str:
    """Return a correlation for people; a dash if there is none.

    Examples
    --------
    >>> signed(-0.5), signed(-0.001), signed(None)
    ('−0.50', '0.00', '–')
    """
    if value is None:
        return "–"
    return decimals(value, 2)
