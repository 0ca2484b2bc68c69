"""Attacks are contained where grading promises it, and seen to succeed where it doesn't."""

from __future__ import annotations

import csv
import html.parser
import io
import itertools
import os
import platform
import re
import signal
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.grading.arrivals import find
from autograder.grading.engine import Graded, Grader
from autograder.grading.slots import Limits, why_not
from autograder.grading.submissions import Submission
from autograder.isolation.tiers import SAFE, Tier
from autograder.reports.feedback import file_name
from conftest import ROOT, hand_in, run, solution

if sys.platform != "linux":
    pytest.skip("the attacks, and what contains them, are Linux's", allow_module_level=True)

from attacks import ATTACKS, FILE_ATTACKS, TEXT_ATTACKS, Attack, FileAttack, TextAttack
from attacks.world import SECRET, World, adopt_orphans, descendants, end, survivors, text_of

HONEST = Submission("ada", "ada", {"losses": solution("losses").encode()})
POINTS = 100
MEMORY = 2**28
FORBIDDEN = re.compile(
    "not permitted|not implemented|not allowed|denied|SIGSYS|SIGSEGV", re.IGNORECASE
)
"""What a machine says that forbids something by itself."""

NEEDS_NO_SANDBOX = ("forgery", "results", "reading", "survivors")
CONTROLS = {
    name: attack
    for name, attack in ATTACKS.items()
    if attack.leaks or attack.unsafe or name.startswith(NEEDS_NO_SANDBOX)
}
"""What is tried where nothing confines it; the rest would only take time there."""

numbers = itertools.count()


class Graders:
    """Graders by tier and haste, started when they are first needed."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._open: dict[tuple[Tier, float], Grader] = {}
        self._refused: dict[Tier, str] = {}

    def get(self, tier: Tier, wall: float = 0.0) -> Grader:
        """Return a grader, or skip the test if the machine doesn't offer its tier."""
        if tier not in self._refused:
            self._refused[tier] = why_not(tier)
            if self._refused[tier]:
                self._say(f"NOT TESTED HERE: {tier}: {self._refused[tier]}")
        if self._refused[tier]:
            pytest.skip(f"this machine doesn't offer the tier {tier}: {self._refused[tier]}")
        if (tier, wall) not in self._open:
            hasty = Limits(MEMORY, patience=0.1, wall=wall)
            limits = hasty if wall else Limits(MEMORY)
            solutions = ROOT / "solutions"
            grader = Grader(solutions, SECRET.encode(), ["losses"], limits, tier=tier)
            self._open[tier, wall] = grader
            assert honest_points(grader) == POINTS
        return self._open[tier, wall]

    def close(self) -> None:
        for grader in self._open.values():
            grader.close()


@pytest.fixture(scope="module")
def graders(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Graders]:
    """Start graders from a process that holds a secret wherever one could be inherited."""
    adopt_orphans()
    heirloom = tmp_path_factory.mktemp("heirloom") / "secret"
    heirloom.write_text(SECRET)
    handle = os.open(heirloom, os.O_RDONLY)
    os.set_inheritable(handle, True)
    before = descendants()
    reporter: Any = request.config.pluginmanager.get_plugin("terminalreporter")
    graders = Graders(lambda text: reporter.write_line(f"\n{text}", yellow=True, bold=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_TOKEN", SECRET)
        yield graders
    graders.close()
    os.close(handle)
    assert descendants() == before
    adopt_orphans(False)


@pytest.fixture
def world() -> Iterator[World]:
    world = World(next(numbers))
    yield world
    end(survivors(world.marker))
    world.close()


def graded(grader: Grader, world: World, attack: Attack) -> list[Graded]:
    """Grade an attack and what it prepares."""
    if attack.machine and attack.machine != platform.machine():
        pytest.skip(f"it is written for {attack.machine}")
    world.processes = len(descendants())
    texts = [attack.module, *([attack.then] if attack.then else [])]
    return [grader.grade(Submission("eve", "eve", {"losses": world.fill(text)})) for text in texts]


def honest_points(grader: Grader) -> int:
    """Return what the reference gets; twice, if a clock was at fault the first time."""
    done = grader.grade(HONEST)
    return done.total if done.final else grader.grade(HONEST).total


@pytest.mark.parametrize("tier", Tier)
def test_the_oracles_hear_what_is_printed(graders: Graders, world: World, tier: Tier) -> None:
    """Printing and raising is how most attacks give themselves away."""
    grader = graders.get(tier)
    for module in (
        "@WON@\n",
        "def mse_loss(*a):\n    @WON@\n",
        "raise ValueError('I GOT THROUGH')\n",
    ):
        attack = Attack("speaking", "says that it got through", module)
        assert world.leaks(*graded(grader, world, attack)), module


@pytest.mark.parametrize("tier", SAFE)
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_contained(graders: Graders, world: World, attack: Attack, tier: Tier) -> None:
    grader = graders.get(tier, attack.wall)
    done = graded(grader, world, attack)
    assert honest_points(grader) == POINTS
    leaks = world.leaks(*done)
    assert bool(leaks) == (tier in attack.leaks), (leaks, text_of(done[0])[:300])
    outcomes = {judged.verdict.outcome for judged in done[0].judged.values()}
    assert not attack.ends or outcomes & set(attack.ends), text_of(done[0])[:300]


@pytest.mark.parametrize("attack", CONTROLS.values(), ids=CONTROLS)
def test_the_oracles_see_it_where_nothing_confines(
    graders: Graders, world: World, attack: Attack
) -> None:
    if attack.unsafe:
        pytest.skip(attack.unsafe)
    grader = graders.get(Tier.PORTABLE, attack.wall)
    before = descendants()
    done = graded(grader, world, attack)
    expected = Tier.PORTABLE in attack.leaks
    leaks = world.leaks(*done, settle=not expected)
    end([pid for pid in descendants() if pid not in before])
    text = text_of(done[-1])
    if expected and attack.privileged and not leaks and FORBIDDEN.search(text):
        pytest.skip(f"this machine forbids it by itself: {text[:200]}")
    assert bool(leaks) == expected, (leaks, text[:300])


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return what is in a folder, and when it was last changed."""
    status = {str(path): path.lstat() for path in folder.rglob("*")}
    return {path: (one.st_mode, one.st_size, one.st_mtime_ns) for path, one in status.items()}


def _waited(*_: object) -> None:
    pytest.fail("reading it goes on for ever")  # no Exception, which might be caught


@pytest.mark.parametrize("attack", FILE_ATTACKS.values(), ids=FILE_ATTACKS)
def test_what_is_handed_in_is_only_read(attack: FileAttack, tmp_path: Path) -> None:
    folder, secret = tmp_path / "class" / "submissions", tmp_path / "instructor" / "losses.py"
    secret.parent.mkdir()
    secret.write_text(f"# {SECRET}\n")
    hand_in(folder, "bob", losses="x = 2\n")
    attack.build(folder, secret)
    before = snapshot(tmp_path)
    handler = signal.signal(signal.SIGALRM, _waited)
    signal.alarm(120)
    tracemalloc.start()
    try:
        found = find(folder)
        hand_ins, ignored = found.hand_ins, found.ignored
        read = {one.student.partition(".")[0]: one.read(["losses"]) for one in hand_ins}
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, handler)
    assert most < 2**26
    assert snapshot(tmp_path) == before
    assert read["bob"].files == {"losses": b"x = 2\n"}
    said = [*ignored, *(read["eve"].problems if "eve" in read else [])]
    assert all(text.isprintable() for text in said)
    assert SECRET not in f"{said} {read}"
    assert attack.says in " ".join(said)
    if attack.says:
        assert "eve" not in read or not read["eve"].files
    else:
        assert (read["eve"].files, read["eve"].problems) == ({"losses": b"x = 1\n"}, [])


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Grade a class of students whose texts want to be obeyed; return all that is written."""
    folder = tmp_path_factory.mktemp("reports")
    for attack in TEXT_ATTACKS.values():
        path = hand_in(folder / "class", attack.student) / "losses.py"
        path.write_bytes(attack.module.encode("utf-8", "surrogatepass"))
    arguments = ["grade", folder / "class", "--out", folder / "out", "--secret", folder / "secret"]
    done = run(
        *[sys.executable, "-m", "autograder", *map(str, arguments)],
        *["--exercise", "losses", "--unsafe", "--isolation", "portable"],
    )
    assert done.returncode == 0, done.stderr
    written = {
        str(path.relative_to(folder / "out")): path.read_text(encoding="utf-8-sig")
        for path in sorted((folder / "out").rglob("*"))
        if path.suffix in (".csv", ".json", ".md", ".html")
    }
    return {"terminal": done.stdout + done.stderr, **written}


def shown(name: str) -> str:
    """Return a student's name as reports write it."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)


def test_no_report_holds_a_character_that_a_terminal_obeys(reports: dict[str, str]) -> None:
    assert len([name for name in reports if name.endswith(".md")]) == len(TEXT_ATTACKS)
    for name, text in reports.items():
        bad = {c for c in text if not c.isprintable() and c not in "\n\r\t"}
        assert not bad, (name, bad)
        assert "\r" not in text.replace("\r\n", "\n"), name


@pytest.mark.parametrize("attack", TEXT_ATTACKS.values(), ids=TEXT_ATTACKS)
def test_a_row_of_the_gradebook_is_a_row(reports: dict[str, str], attack: TextAttack) -> None:
    head, *rows = csv.reader(io.StringIO(reports["grades.csv"]))
    row = next(row for row in rows if row[0].removeprefix("'") == shown(attack.student))
    assert len(row) == len(head)
    assert row[1:3] == ["0", "0"]
    for cell in row:
        assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


class Tags(html.parser.HTMLParser):
    """Collects the elements of a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.found |= {tag, *(name for name, _ in attributes if name != "class")}


ORDINARY = {"h1", "h2", "p", "ul", "li", "strong", "em", "code", "pre", "br"}
ORDINARY |= {"table", "thead", "tbody", "tr", "th", "td", "style"}


@pytest.mark.parametrize("attack", TEXT_ATTACKS.values(), ids=TEXT_ATTACKS)
def test_feedback_shows_text_as_text(reports: dict[str, str], attack: TextAttack) -> None:
    markdown = pytest.importorskip("markdown")
    text = reports[f"feedback/{file_name(shown(attack.student))}.md"]
    page = Tags()
    page.feed(markdown.markdown(text, extensions=["tables", "fenced_code"]))
    assert page.found <= ORDINARY, text
