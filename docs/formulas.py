"""The formulas of the built pages: TeX becomes MathML, so that they are shown without a script."""

import html
import re
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element

# What the arithmatex extension leaves of a formula: \(inline\) or \[display\].
FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\s*\\[(\[](?P<tex>.*?)\\[)\]]\s*</(?P=tag)>', re.DOTALL
)
# The same in the search index, which has no tags around it.
BARE_FORMULA = re.compile(r"\\[(\[](?P<tex>.*?)\\[)\]]", re.DOTALL)
# The box of an exercise up to the end of its checks, and what in it leads to an equation.
EXERCISE = re.compile(r'<div class="task exercise".*?</ol>', re.DOTALL)
TO_EQUATION = re.compile(r'href="#eq-([\d.]+)"')
TAG = re.compile(r"\\tag\{([^{}]*)\}\s*$")
ENVIRONMENT = re.compile(r"\\begin\{([^{}]*)\}")
ENVIRONMENTS = {"aligned", "cases", "matrix", "pmatrix", "bmatrix"}
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2}
CHILDREN |= {"msubsup": 3, "munderover": 3}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
ROWS = {"math", "mrow", "mtd", "mstyle", "msqrt"}
SIGNS = ("+", "\N{MINUS SIGN}")
ORDINARY = ("|", "\N{DOUBLE VERTICAL LINE}", "/", "\N{PARTIAL DIFFERENTIAL}", "!")
CLOSING = (")", "]", "}", *ORDINARY)
ODOT = "\N{CIRCLED DOT OPERATOR}"
PRIME = "\N{PRIME}"
THIN_SPACE = "0.167em"


class FormulaError(Exception):
    """A formula can't be rendered; the message says why."""


def render_formulas(site: Path) -> int:
    """Replace the TeX on every page by MathML; return how many formulas there were."""
    problems: list[str] = []
    count = 0
    for page in sorted(site.rglob("*.html")):
        source = page.read_text("utf-8")
        tasks = tasks_of(source)

        def render(match: re.Match[str], page: Path = page, tasks: dict[str, str] = tasks) -> str:
            tex = html.unescape(match["tex"]).strip()
            try:
                return display(tex, tasks) if match["tag"] == "div" else inline(tex)
            except FormulaError as error:
                problems.append(f"{page.relative_to(site)}: {error}\n    {tex}")
                return match[0]

        text, found = FORMULA.subn(render, source)
        if found:
            page.write_text(text, "utf-8")
        count += found
    if problems:
        raise FormulaError("\n".join(["formulas that can't be rendered:", *problems]))
    return count


def tasks_of(page: str) -> dict[str, str]:
    """Return links to the exercises and to the checks that lead to an equation, by its number."""
    links: dict[str, str] = {}
    for box in EXERCISE.findall(page):
        title, *checks = box.split("<li ")
        where = re.search(r'id="(exercise-([^"]*))"', title)
        if not where:
            continue
        for number in TO_EQUATION.findall(title):
            tests = [
                f'<a href="#{name}" aria-label="Check {place}: {told(name)}">{place}</a>'
                for place, name in enumerate((item.split('"')[1] for item in checks), start=1)
                if number in TO_EQUATION.findall(checks[place - 1])
            ]
            links[number] = links.get(number, "") + (
                f'<a href="#{where[1]}" aria-label="Write it: {where[2]}">write it</a>'
                + f"<span>checks {' '.join(tests)}</span>" * bool(tests)
            )
    return links


def told(check: str) -> str:
    """Return the name of a check, as it stands in its address, as words."""
    return check.rpartition(".")[2].replace("_", " ")


def inline(tex: str) -> str:
    """Return a formula within a line of text."""
    return tostring(mathml(tex, "inline"), encoding="unicode")


def display(tex: str, tasks: dict[str, str]) -> str:
    r"""Return a formula on a line of its own; `\tag{1.1}` at its end numbers it.

    If the page has exercises for the equation, links lead to them and to their checks.
    """
    math = tostring(mathml(TAG.sub("", tex), "block"), encoding="unicode")
    formula = f'<div class="formula">{math}</div>'
    number = TAG.search(tex)
    if not number:
        return f'<div class="equation">{formula}</div>'
    name = number[1]
    links = (
        f'<a class="equation-number" href="#eq-{name}" aria-label="Equation {name}">({name})</a>'
    )
    side = f'<div class="equation-side">{links}{tasks.get(name, "")}</div>'
    return f'<div class="equation" id="eq-{name}">{formula}{side}</div>'


def mathml(tex: str, style: str) -> Element:
    """Turn TeX into the MathML that browsers agree on, or raise `FormulaError`."""
    if "\\tag" in tex:
        raise FormulaError(r"\tag{...} belongs at the end of a formula between $$ and $$")
    for name in ENVIRONMENT.findall(tex):
        if name not in ENVIRONMENTS:
            raise FormulaError(f"environment {name}, not one of {', '.join(sorted(ENVIRONMENTS))}")
    source = tex.replace("{aligned}", "{align*}")
    source = re.sub(r"\\mathrm\{([A-Za-z]+)\}", r"\\text{\1}", source)
    try:
        math = convert_to_element(source, xmlns="", display=style)
    except Exception as error:
        raise FormulaError(f"TeX error: {str(error) or type(error).__name__}") from error
    del math.attrib["xmlns"]
    for element in math.iter():
        element.text = html.unescape(element.text or "")
    for element in list(math.iter()):
        refuse_leftovers(element)
        space_out(element)
    return math


def render_text(text: str) -> str:
    """Replace the TeX in a text that stays text, such as one that the search shows."""
    parts = re.split(r"(<code>.*?</code>)", text, flags=re.DOTALL)
    parts[::2] = [BARE_FORMULA.sub(_in_words, part) for part in parts[::2]]
    return "".join(parts)


def _in_words(match: re.Match[str]) -> str:
    tex = html.unescape(match["tex"]).strip()
    number = TAG.search(tex)
    return f"({number[1]})" if number else html.escape(words(mathml(tex, "inline")))


def words(element: Element) -> str:
    """Return a formula as one line of characters: p_i, x^2, 1/n."""
    sign = {"mfrac": "/", "msub": "_", "munder": "_", "msup": "^"}.get(element.tag, "")
    return (element.text or "") + sign.join(words(child) for child in element)


def refuse_leftovers(element: Element) -> None:
    """Raise `FormulaError` where the converter passed on what it didn't understand."""
    if element.tag != "mo" and (odd := re.search(r"\\[a-zA-Z]*|[{}&$#]", element.text or "")):
        raise FormulaError(f"not understood: {odd[0]}")
    if len(element) != CHILDREN.get(element.tag, len(element)):
        raise FormulaError(f"an argument is missing or one too many ({element.tag})")
    if element.get("linebreak"):
        raise FormulaError(r"\\ breaks a line only inside an environment such as aligned")
    if element.get("mathvariant", "normal") != "normal":
        raise FormulaError(
            "browsers don't show this letter style: use \\mathbf, \\mathrm or \\text"
        )


def space_out(element: Element) -> None:
    """Give operators the space and size that TeX gives them, where browsers differ."""
    if element.tag == "msup" and element[1].text == PRIME:  # raised already, and small if again
        element.tag = "mrow"
    if element.tag in SCRIPTS:
        for script in element[1:]:
            for operator in script.iter("mo"):
                close_up(operator)
    if element.tag == "mo" and (element.text in ORDINARY or is_name(element)):
        close_up(element)
    if element.text == ODOT:  # Firefox would enlarge it like a sum
        element.set("largeop", "false")
    if element.tag in ROWS:
        space_out_row(element)


def space_out_row(row: Element) -> None:
    """Set signs and the names of functions apart from, or close to, their neighbors."""
    children = list(row)
    if len(children) == 1 and children[0].tag == "mo":  # {,} in 1{,}000: an ordinary character
        close_up(children[0])
    for left, right in pairwise(children):
        if is_operator(left) and right.text in SIGNS:  # the sign of a number, not a sum
            right.set("form", "prefix")
        if (is_name(left) and right.tag not in ("mo", "mspace")) or (
            is_name(right) and not is_operator(left)
        ):
            row.insert(list(row).index(right), Element("mspace", width=THIN_SPACE))


def is_operator(element: Element) -> bool:
    """Say whether an element is an operator that something must follow."""
    return element.tag == "mo" and (element.text or "") not in CLOSING


def is_name(element: Element) -> bool:
    """Say whether an element is the name of a function, such as log or max with a subscript."""
    while element.tag in SCRIPTS:
        element = element[0]
    name = element.text or ""
    return element.tag in ("mi", "mo") and name.isalpha() and len(name) > 1


def close_up(operator: Element) -> None:
    """Leave no space around an operator."""
    operator.set("lspace", "0")
    operator.set("rspace", "0")
