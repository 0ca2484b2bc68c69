"""Shared code is found where it was planted, and nowhere else; and it is shown, not judged."""

from __future__ import annotations

import csv
import random
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from simulated_class import LOCALS

from autograder.authoring.stubs import stub
from autograder.catalogue import EXERCISES
from autograder.cli import EXTRA, _parser
from autograder.reports import shared_code, similarity
from autograder.reports.shared_code import Comparison, Group, HandedIn, fingerprint, text_of
from autograder.reports.similarity import Unread
from conftest import ROOT, Run, hand_in, run, solution

HURT = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe\u202c",
    "الطالبة سارة",
    "x" * 300,
    "nul\0 esc\x1b[31m bell\a",
    "{{ 7 * 7 }} {% raw %}",
    "]]> --> </style></title></pre></details>",
]
Files = dict[str, str | bytes]
VERDICTS = r"(?i)plagiar|cheat|suspic|guilt|copied by|offen[cs]e|misconduct"


def alternatives(exercise: str) -> dict[str, str]:
    """Return right ways to write an exercise, which were written to differ."""
    folder = ROOT / "solutions" / "alternatives" / exercise
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.py"))}


def compared(exercise: str, files: Files, **options: float) -> Comparison:
    """Compare what students, by their names, handed in."""
    handed_in = [
        HandedIn(name.partition("@")[0], name, _bytes(text)) for name, text in files.items()
    ]
    return Comparison(exercise, stub(solution(exercise)), handed_in, **options)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def found(comparison: Comparison) -> list[set[str]]:
    """Return who share code."""
    pairs = [{one.student for one in pair.left + pair.right} for pair in comparison.pairs]
    return [set(group.students) for group in comparison.groups] + pairs


# --- what is found


def renamed(text: str) -> str:
    """Return a text with other names for all variables that are set in it."""
    names = set(re.findall(r"(?m)^ +(?:for )?(\w+)(?:, \w+)* (?:=|in) ", text)) - {"self"}
    for name in sorted(names):
        text = re.sub(rf"(?<![\w.]){name}\b(?!=[^=])", f"my_{name}", text)
    return text


def reordered(text: str) -> str:
    """Return a text with its functions and classes in the opposite order."""
    head, *parts = re.split(r"(?m)^(?=def |class )", text)
    return head + "\n\n".join(part.rstrip() + "\n" for part in reversed(parts))


def remarked(text: str) -> str:
    """Return a text with comments and empty lines in it, and other texts in its strings."""
    text = re.sub(r'"""[^"]*"""', '"""Mine."""', text)
    lines = [f"{line}  # step {n}\n" if line else "\n\n" for n, line in enumerate(text.split("\n"))]
    return "# by me\n" + "".join(lines)


DISGUISES: dict[str, Callable[[str], str]] = {
    "none": lambda text: text,
    "line ends": lambda text: text.replace("\n", "\r\n"),
    "other names": renamed,
    "another order": reordered,
    "other comments": remarked,
    "all of it": lambda text: remarked(reordered(renamed(text))),
}


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize("exercise", LOCALS)
def test_a_copy_is_found_in_any_disguise(exercise: str, disguise: str) -> None:
    files: Files = {**alternatives(exercise)}
    first = max(files, key=lambda name: len(fingerprint(str(files[name])).filtered_code))
    files["copy"] = DISGUISES[disguise](str(files[first]))
    assert disguise in ("none", "line ends") or files["copy"] != files[first]
    assert found(compared(exercise, files)) == [{first, "copy"}]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_independent_work_is_not_listed(exercise: str) -> None:
    files: Files = {"reference": solution(exercise), **alternatives(exercise)}
    assert found(compared(exercise, files)) == []


def test_the_share_can_be_chosen() -> None:
    files: Files = {**alternatives("losses")}
    assert len(found(compared("losses", files, at_least=0.1))) > 3


def test_a_copy_with_another_function_is_found_with_both_shares() -> None:
    terse, loops = alternatives("losses")["terse"], alternatives("losses")["loops"]
    mixed = terse + loops.partition("def mse_loss")[2].partition("def ")[0]
    (pair,) = compared("losses", {"ada": terse, "bob": loops + mixed}).pairs
    assert [one.student for one in pair.left + pair.right] == ["ada", "bob"]
    assert pair.of_left > 0.9 > 0.6 > pair.of_right > 0.1


def test_what_the_class_was_given_is_not_shared_code() -> None:
    for exercise in EXERCISES:
        given = stub(solution(exercise))
        assert found(compared(exercise, dict.fromkeys("abcdefgh", given))) == []
        files: Files = {name: f"# {name}\n{given}" for name in "abcdefgh"}
        assert found(compared(exercise, files)) == []


def test_a_line_or_two_are_not_enough() -> None:
    begun = solution("losses").partition("def mse_gradient")[0]
    assert found(compared("losses", {"ada": begun, "bob": begun})) == []
    assert found(compared("losses", {"ada": begun, "bob": f"{begun}\nX = 1\n"})) == []


def own_way(number: int) -> str:
    """Return one of very many ways to write nothing in particular."""
    chance = random.Random(number)
    names = [chance.choice(("np.sum", "np.prod", "np.max", "len", "abs")) for _ in range(40)]
    return "def own(x):\n" + "".join(
        f"    x = {name}({n * number})\n" for n, name in enumerate(names)
    )


@pytest.mark.parametrize(("n_class", "most"), [(12, 4), (100, 5)])
def test_what_many_share_is_the_exercises_own(n_class: int, most: int) -> None:
    shared = own_way(0)
    files = {f"s{n:03}": own_way(n + 1) for n in range(n_class)}

    def with_the_same(count: int) -> Comparison:
        some = {name: f"{files[name]}\n{shared}" for name in sorted(files)[:count]}
        return compared("losses", {**files, **some}, at_least=0.3)

    assert len(found(with_the_same(most))) == most * (most - 1) / 2
    assert found(with_the_same(most + 1)) == []


def test_a_file_that_goes_round_does_not_become_common() -> None:
    ways = alternatives("losses")
    ring: Files = {f"r{n}": ways["loops"] for n in range(8)}
    comparison = compared("losses", {**ways, **ring, "sly": renamed(ways["loops"])})
    (group,) = comparison.groups
    assert set(group.students) == {"loops", *ring, "sly"}
    assert sorted(len(copy) for copy in group.copies) == [1, 9]
    assert comparison.pairs == []


def test_identical_files_are_one_group_even_if_all_is_common() -> None:
    usual = solution("losses")
    files: Files = {f"s{n}": usual.replace("exponentials", f"e{n}") for n in range(9)}
    assert found(compared("losses", files)) == []
    files |= {
        "ada": usual,
        "bob": usual.replace("\n", " \r\n"),
        "cy": b"\xef\xbb\xbf" + usual.encode(),
    }
    comparison = compared("losses", files)
    assert comparison.pairs == []
    assert [(group.students, len(group.copies)) for group in comparison.groups] == [
        (["ada", "bob", "cy"], 1)
    ]


def test_attempts_of_one_student_are_not_compared() -> None:
    ways = alternatives("losses")
    first = ways["loops"]
    attempts = {"ada@1": first, "ada@2": first + "\nX = 1\n", "ada@3": first}
    assert found(compared("losses", {**attempts, "bob@1": ways["terse"]})) == []
    later = first.replace("range(", "xrange(") + "\ndef more(x):\n    return x + 1\n"
    comparison = compared("losses", {**attempts, "bob@1": ways["terse"], "bob@2": later})
    assert found(comparison) == [{"ada", "bob"}]
    assert comparison.students == 2


def test_of_attempts_those_that_share_most_are_shown() -> None:
    functions = re.split(r"(?m)^(?=def )", alternatives("losses")["loops"])
    half = "".join(functions[: len(functions) // 2 + 1])
    whole = "".join(functions)
    files: Files = {"ada@1": half, "ada@2": whole, "bob@1": f"{half}\nX = 1\n"}
    for last in (f"{whole}\nX = 1\n", f"{whole}\nX = 1\nY = 2\n"):
        (pair,) = compared("losses", {**files, "bob@2": last}).pairs
        assert [one.source for one in pair.left + pair.right] == ["ada@2", "bob@2"]


def test_five_attempts_of_one_do_not_make_code_common() -> None:
    ways = alternatives("losses")
    attempts: Files = {f"ada@{n}": f"{ways['loops']}\nX = {n}\n" for n in range(9)}
    comparison = compared("losses", {**attempts, "bob": renamed(ways["loops"])})
    assert found(comparison) == [{"ada", "bob"}]


# --- what is shown of it


@pytest.mark.parametrize("path", sorted((ROOT / "solutions").rglob("*.py")), ids=lambda p: p.stem)
def test_every_character_is_known_to_be_in_its_line(path: Path) -> None:
    text = "\n\n" + path.read_text("utf-8").replace("\n", "\r\n")
    whole = fingerprint(text_of(text.encode()))
    lines = shared_code._Lines(whole)
    code: dict[int, str] = {}
    for character, line in zip(whole.filtered_code, lines.of, strict=True):
        code[line] = code.get(line, "") + character
    for line, characters in code.items():
        kept = map(re.escape, re.split('[VFOS"]+', characters))
        assert re.search(".*".join(kept), lines.text[line].replace(" ", "")), characters
    assert lines.text[1:] == [line.rstrip() for line in text.split("\n")][1:]


def test_a_passage_stands_beside_where_it_goes_on() -> None:
    text = own_way(1)
    begun = "".join(text.splitlines(keepends=True)[:6])
    files = {"ada": text, "bob": f"{begun}\n{own_way(2)}\n{text}"}
    ada, bob = (HandedIn(name, name, text.encode()) for name, text in files.items())
    (passage,) = compared("losses", {**files}).passages(ada, bob)
    assert [line.text for line in passage.left] == [line.text for line in passage.right]
    assert len(passage.left) == len(text.splitlines())


def test_passages_stand_beside_those_that_match() -> None:
    ways = alternatives("losses")
    left, right = ways["loops"], "import numpy as np\n" + remarked(reordered(ways["loops"]))
    comparison = compared("losses", {"ada": left, "bob": right})
    ada, bob = (
        HandedIn(name, name, text.encode()) for name, text in (("ada", left), ("bob", right))
    )
    passages = comparison.passages(ada, bob)
    for text, lines in (
        (left, [line for passage in passages for line in passage.left]),
        (right, [line for passage in passages for line in passage.right]),
    ):
        assert all(text.split("\n")[line.number - 1].rstrip() == line.text for line in lines)
        assert all(line.text.strip() for line in lines if line.matches)
        code = {line.strip() for line in text.split("\n") if re.match(r" +(return|for|if) ", line)}
        assert len(code & {line.text.strip() for line in lines if line.matches}) > 0.8 * len(code)
    for passage in passages:
        one = [line.text.split("  #")[0].strip() for line in passage.left if line.matches]
        other = [line.text.split("  #")[0].strip() for line in passage.right if line.matches]
        assert set(filter(None, one)) & set(filter(None, other)), passage


def test_comments_are_never_said_to_match() -> None:
    text = "\n".join(f"{line}\n    # why\n" for line in own_way(1).split("\n"))
    comparison = compared("losses", {"ada": text, "bob": own_way(1)})
    ada, bob = (HandedIn(n, n, t.encode()) for n, t in (("ada", text), ("bob", own_way(1))))
    left = [line for passage in comparison.passages(ada, bob) for line in passage.left]
    assert {line.matches for line in left if "# why" in line.text} == {False}
    assert {line.matches for line in left if "x =" in line.text} == {True}


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def written(
    comparisons: list[Comparison], out: Path, *unread: Unread
) -> tuple[Page, list[list[str]]]:
    similarity.write(comparisons, unread, 0.6, out)
    html = (out / similarity.PAGE).read_text("utf-8")
    raw = (out / similarity.TABLE).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    return Page(html), list(csv.reader(raw.decode("utf-8-sig").splitlines()))


def test_the_page_and_the_table_say_what_they_are(tmp_path: Path) -> None:
    ways = alternatives("losses")
    more = renamed(ways["terse"]) + "\ndef more(x):\n    return x + 1\n"
    files: Files = {**ways, "ada": ways["loops"], "bob": more, "cy": b"#" * 200_000}
    page, rows = written([compared("losses", files)], tmp_path, Unread("dora", "", "it is broken"))
    assert "a place to look and never a verdict" in page.text
    assert "2 students: ada, loops · the same file" in " ".join(page.text.split())
    assert "There are 2 places to look at." in page.text
    assert "it has more than 50 kB" in page.text
    assert "it is broken" in page.text
    assert page.text.count("=") > 20  # a sign, not only a color, says which lines match
    header, *rest = rows
    assert header[:4] == ["exercise", "what", "one", "other"]
    notes = [row[-1] for row in rest]
    look = "a place to look, not a verdict"
    assert notes == [look, look, "because it has more than 50 kB", "because it is broken"]
    assert rest[0][:4] == ["losses", "the same file", "ada; loops", ""]
    assert rest[1][:4] == ["losses", "shared passages", "bob", "terse"]
    assert all(re.fullmatch(r"[>\d]+%", share) for share in rest[1][4:6])
    for text in (page.text, str(rows)):
        assert not re.search(VERDICTS, text)


def test_a_page_of_nobody_and_of_nothing(tmp_path: Path) -> None:
    page, rows = written([compared("losses", {}), compared("backprop", {"ada": b""})], tmp_path)
    assert "The files of 1 student were compared. Nothing is to be looked at." in page.text
    assert "losses" not in page.text
    assert len(rows) == 1
    page, _ = written([compared("losses", {})], tmp_path)
    assert "There was no file to compare." in page.text


def test_hostile_names_and_code_are_harmless(tmp_path: Path) -> None:
    text = own_way(1) + "".join(f"    x = {name!r}; {name}\n" for name in HURT)
    files: Files = {
        name: text.replace("np.sum", f"np.{'abcdefghi'[n % 3]}") for n, name in enumerate(HURT)
    }
    whole = compared("losses", {**files, "=evil": b"x = 1\n" * 5000})
    assert len(whole.groups) == 1
    page, rows = written([whole], tmp_path)
    assert not {"script", "img"} & set(page.tags)
    assert page.tags.count("style") == 1
    assert not {name for name in page.attributes if name.startswith("on")}
    assert not set(page.text) & set("\0\x1b\a\u202e")
    assert "{{ 7 * 7 }}" in page.text
    assert page.tags.count("details") == 2
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert "'=evil" in cells


WEIRD = {
    "null bytes": b"x = 1\0\n" * 100,
    "no UTF-8": b"x = '\xff\xfe'\n" * 100,
    "a syntax error": b"def f(:\n  return )\n" * 100,
    "deep nesting": b"x = " + b"(\n" * 1500 + b")\n" * 400,
    "only white space": b" \n" * 1900,
    "white space in a line": b"\n".join([b"match" + b" " * 900 + b"x"] * 50),
    "open strings": b"'\\N{" * 200 + b'\n"""\n',
    "nothing": b"",
    "a lone mark": b"\xef\xbb\xbf",
    "one repeated passage": b"x = np.sum(1); y = len(x); z = abs(y)\n" * 1200,
}


def test_weird_files_cost_only_themselves() -> None:
    ways = alternatives("losses")
    files: Files = {**WEIRD, **ways, "copy": renamed(ways["loops"])}
    comparison = compared("losses", files)
    assert found(comparison) == [{"copy", "loops"}]
    assert comparison.skipped == []
    assert comparison.students == len(files)


@pytest.mark.parametrize("weird", ["null bytes", "no UTF-8", "a syntax error", "deep nesting"])
def test_no_byte_hides_a_copy(weird: str) -> None:
    copy = alternatives("losses")["loops"].encode()
    files: Files = {"ada": copy, "bob": copy + b"\n" + WEIRD[weird]}
    assert found(compared("losses", files)) == [{"ada", "bob"}]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x" * 2**20, "it has more than 50 kB"),
        (b"x\n" * 2_001, "it has more than 2000 lines"),
        (b"\nx = '" + b"y" * 1_000 + b"'\n", "line 2 has more than 1000 characters"),
    ],
)
def test_what_is_too_large_is_said_not_to_be_compared(content: bytes, why: str) -> None:
    comparison = compared("losses", {"ada": content, "bob": content, **alternatives("losses")})
    assert [(one.student, reason) for one, reason in comparison.skipped] == [
        ("ada", why),
        ("bob", why),
    ]
    assert found(comparison) == []


def test_a_page_does_not_grow_without_end(tmp_path: Path) -> None:
    long = "".join(f"x = np.sum({n}) + {'1 + ' * 40}1\n" for n in range(250))
    ring: Files = {f"s{n}": f"{long}y = {n}\n" for n in range(4)}
    comparison = compared("losses", ring)
    assert len(comparison.pairs) == 6
    page, _ = written([comparison], tmp_path)
    assert len(page.text) < 6 * 2 * similarity.LINES * (similarity.LONG + 10)


# --- the command


def test_the_command_compares_a_class(submissions: Path, tmp_path: Path, autograder: Run) -> None:
    ways = alternatives("losses")
    for name in ("terse", "loops", "lists"):
        hand_in(submissions, name, losses=ways[name])
    hand_in(submissions, "sly", losses=remarked(renamed(ways["terse"])))
    hand_in(submissions, "eager@2026-10-01T10:00Z", losses=ways["scalars"])
    hand_in(submissions, "eager@2026-10-02T10:00Z", losses=ways["scalars"] + "\n")
    hand_in(submissions, "Lists", losses=own_way(1))  # graded, and compared, with a warning
    marker = tmp_path / "ran"
    hand_in(submissions, "attacker", losses=f"open({str(marker)!r}, 'w')\n")
    (submissions / "broken.zip").write_bytes(b"PK\x03\x04")
    outs = [tmp_path / name for name in ("out", "again")]
    for seed, out in enumerate(outs):
        done = autograder("similar", submissions, "--out", out, PYTHONHASHSEED=str(seed))
        assert done.returncode == 0, done.stderr
    assert "losses: 1 place to look at, 7 students compared" in done.stdout
    assert "never a verdict" in done.stdout
    assert not marker.exists()
    files = [{path.name: path.read_bytes() for path in out.iterdir()} for out in outs]
    assert files[0] == files[1]
    assert set(files[0]) == {"similar.html", "similar.csv"}
    table = files[0]["similar.csv"].decode("utf-8-sig")
    assert "losses,the same but for names and remarks,sly; terse" in table
    assert table.count("not compared") == 1
    assert ",not compared,broken,,,,because broken.zip: the .zip is broken" in table


def test_a_team_is_not_compared_with_itself(tmp_path: Path, autograder: Run) -> None:
    folder = tmp_path / "assignment_1_export"
    ways = alternatives("losses")
    who = {"1": ["ada", "bob"], "2": ["cy"], "3": ["dora"]}
    texts = {"1": ways["loops"], "2": ways["terse"], "3": renamed(ways["loops"])}
    lines = []
    for number, members in who.items():
        hand_in(folder, f"submission_{number}", losses=texts[number])
        lines.append(f"submission_{number}:\n  :submitters:")
        lines += [f"  - :name: {name}\n    :email: {name}@example.org" for name in members]
        lines.append("  :created_at: 2026-10-01 10:00:00.000000000 Z")
    (folder / "submission_metadata.yml").write_text("---\n" + "\n".join(lines), encoding="utf-8")
    done = autograder("similar", folder, "--exercise", "losses", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    table = (tmp_path / "similar.csv").read_text("utf-8-sig").splitlines()
    assert len(table) == 2
    assert "ada@example.org, bob@example.org; dora@example.org" in table[1]


def test_wrong_options_are_refused(submissions: Path, tmp_path: Path, autograder: Run) -> None:
    for options, said in (
        (["--at-least", "60"], "--at-least is a share"),
        (["--exercise", "lossses"], "there is no exercise 'lossses'"),
        (["--solutions", str(tmp_path / "none")], "see --solutions"),
    ):
        done = autograder("similar", submissions, "--out", tmp_path / "out", *options)
        assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert not (tmp_path / "out").exists()


def test_the_default_is_the_same_everywhere() -> None:
    assert _parser().parse_args(["similar", "x"]).at_least == shared_code.AT_LEAST
    assert EXTRA["copydetect"] == "instructor"


def test_without_the_library_it_is_said_what_to_install(submissions: Path, tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['copydetect'] = None; "
    start = f"from autograder.cli import main; sys.exit(main(['similar', {str(submissions)!r}]))"
    done = run(sys.executable, "-c", blocked + start)
    assert done.returncode == 2
    assert "this needs copydetect: python -m pip install -e '.[instructor]'" in done.stderr


def test_a_group_counts_its_students() -> None:
    ada, bob = HandedIn("ada", "a", b""), HandedIn("bob", "b", b"")
    assert Group([[bob, ada], [ada]]).students == ["ada", "bob"]
