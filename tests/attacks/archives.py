"""Archives: a .zip that wants to be more than a few small files."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from attacks.attack import FileAttack

BROKEN = "the .zip is broken"
NONE = "none of the exercises' files"


class Member(NamedTuple):
    """A member of an archive with something special about it."""

    name: str
    content: bytes = b"x = 1\n"
    mode: int = stat.S_IFREG | 0o644


def archive(*members: Member, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a .zip."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as file:
        for member in members:
            facts = zipfile.ZipInfo(member.name)
            facts.external_attr = member.mode << 16
            facts.compress_type = method
            file.writestr(facts, member.content)
    return whole.getvalue()


GOOD = archive(Member("losses.py"))
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def patched(raw: bytes, fields: Mapping[tuple[bytes, int], bytes]) -> bytes:
    """Return an archive with other bytes at offsets from its headers' signatures."""
    whole = bytearray(raw)
    for (signature, offset), new in fields.items():
        at = whole.index(signature) + offset
        whole[at : at + len(new)] = new
    return bytes(whole)


def renamed(name: bytes) -> bytes:
    """Return an archive whose only member has a name that zipfile wouldn't write."""
    stand_in = b"n" * len(name)
    return archive(Member(stand_in.decode())).replace(stand_in, name)


def handed_in(
    name: str, tries: str, raw: bytes | Callable[[], bytes], says: str = ""
) -> FileAttack:
    """Return the attack that hands in these bytes."""

    def build(folder: Path, _: Path) -> None:
        (folder / "eve.zip").write_bytes(raw() if callable(raw) else raw)

    return FileAttack(name, tries, build, says)


def _members(count: int) -> Callable[[], bytes]:
    return lambda: archive(*[Member(f"{n}.txt", b"") for n in range(count)], Member("losses.py"))


def _bomb() -> bytes:
    return archive(Member("losses.py", bytes(256 * 2**20)))


def _lying_bomb() -> bytes:
    ten = struct.pack("<I", 10)
    raw = archive(Member("losses.py", bytes(64 * 2**20)))
    return patched(raw, {(LOCAL, 22): ten, (CENTRAL, 24): ten})


def _nested(depth: int = 6) -> bytes:
    inner = archive(Member("losses.py", bytes(2**20)))
    for _ in range(depth):
        inner = archive(*[Member(f"{n}.zip", inner) for n in range(4)])
    return inner


def _overlapping() -> bytes:
    """One large member that the directory lists two hundred times."""
    raw = archive(Member("000_losses.py", bytes(2**20)))
    start = raw.index(CENTRAL)
    entry, end = raw[start : raw.index(END)], bytearray(raw[raw.index(END) :])
    entries = b"".join(entry.replace(b"000_", b"%03d_" % n) for n in range(200))
    end[8:16] = struct.pack("<HHI", 200, 200, len(entries))
    return raw[:start] + entries + end


def _a_pipe(folder: Path, _: Path) -> None:
    os.mkfifo(folder / "eve.zip")


def _a_link(folder: Path, secret: Path) -> None:
    (folder / "eve.zip").symlink_to(secret)


def _a_folder(folder: Path, _: Path) -> None:
    (folder / "eve.zip").mkdir()
    (folder / "eve.zip" / "losses.py").write_text("x = 1\n")


ATTACKS = [
    handed_in(
        "climbing_out",
        "has members with .. in their names",
        archive(Member("../../escaped.py"), Member("../losses/../../escaped.py")),
        NONE,
    ),
    handed_in(
        "absolute_names",
        "has members with names from the root",
        archive(Member("/etc/cron.d/escaped"), Member("/tmp/escaped.py")),
        NONE,
    ),
    handed_in(
        "names_of_windows",
        "climbs with backslashes, drives and streams",
        archive(Member("..\\..\\escaped.py"), Member("C:\\escaped.py"), Member("a.py:stream")),
        NONE,
    ),
    handed_in(
        "a_climbing_exercise",
        "has the exercise itself outside of the archive",
        archive(Member("../../losses.py")),
        NONE,
    ),
    handed_in(
        "a_link",
        "has a link to a file of the instructor's",
        archive(Member("losses.py", b"/etc/passwd", stat.S_IFLNK | 0o777)),
        "it is a link",
    ),
    handed_in(
        "through_a_link",
        "has a link to a folder, and a file in it",
        archive(Member("d", b"/tmp", stat.S_IFLNK | 0o777), Member("d/escaped.py")),
        NONE,
    ),
    handed_in(
        "a_device",
        "has a device of that name",
        archive(Member("losses.py", mode=stat.S_IFBLK | 0o666)),
    ),
    handed_in("a_bomb", "is small, and 256 MiB when it is unpacked", _bomb, "larger than"),
    handed_in("a_lying_bomb", "says that its 64 MiB are 10 bytes", _lying_bomb, BROKEN),
    handed_in("a_nested_bomb", "has archives in archives in archives", _nested, NONE),
    handed_in("an_overlapping_bomb", "lists one member two hundred times", _overlapping, NONE),
    handed_in("many_members", "has 20,000 members", _members(20_000), "more than"),
    handed_in(
        "the_same_name_twice",
        "has two files of one name, for readers that differ in which they take",
        archive(Member("losses.py"), Member("losses.pz", b"y = 2\n")).replace(b".pz", b".py"),
        "twice",
    ),
    handed_in(
        "two_places",
        "has the exercise in two places of equal right",
        archive(Member("a/losses.py"), Member("b/losses.py")),
        "2 times",
    ),
    handed_in(
        "names_that_differ_in_case",
        "has two names that some disks take for one",
        archive(Member("losses.py"), Member("LOSSES.PY", b"y = 2\n")),
    ),
    handed_in(
        "names_that_look_alike",
        "has names with invisible characters",
        archive(Member("losses\u200b.py"), Member("lo\u017fses.py"), Member("losses.py\u202e")),
        NONE,
    ),
    handed_in("a_name_with_a_null", "ends its name early", renamed(b"losses.py\0.txt")),
    handed_in("a_name_of_no_encoding", "has a name that is no text", renamed(b"\xff\xfe.py"), NONE),
    handed_in(
        "names_that_are_obeyed",
        "has names that a shell, a terminal or a page would obey",
        archive(
            Member("$(touch escaped).py"),
            Member("\x1b[2J\x1b]0;x\x07.py"),
            Member("<script>.py"),
            Member("-rf"),
            Member("a\nb.py"),
        ),
        NONE,
    ),
    handed_in("a_name_of_64_kib", "has a very long name", archive(Member("n" * 65_000)), NONE),
    handed_in(
        "depth", "has a file 20,000 folders down", archive(Member("d/" * 20_000 + "x")), NONE
    ),
    handed_in(
        "a_folder_of_that_name", "has a folder losses.py/", archive(Member("losses.py/", b"")), NONE
    ),
    handed_in("cut_off", "ends in the middle", GOOD[: len(GOOD) // 2], BROKEN),
    handed_in("not_a_zip", "is no archive", b"hello" * 100, BROKEN),
    handed_in("nothing", "is empty", b"", BROKEN),
    handed_in("only_an_end", "has an end and no beginning", END + bytes(18), NONE),
    handed_in(
        "encrypted",
        "has a password",
        patched(GOOD, {(LOCAL, 6): b"\x01", (CENTRAL, 8): b"\x01"}),
        "encrypted",
    ),
    handed_in(
        "an_unknown_method",
        "is compressed in a way that nobody knows",
        patched(GOOD, {(LOCAL, 8): b"\x63", (CENTRAL, 10): b"\x63"}),
        BROKEN,
    ),
    handed_in(
        "a_wrong_checksum", "has another checksum", patched(GOOD, {(CENTRAL, 16): b"abcd"}), BROKEN
    ),
    handed_in(
        "a_wrong_size",
        "says that its member has 3 bytes",
        patched(GOOD, {(CENTRAL, 20): b"\3\0\0\0"}),
        BROKEN,
    ),
    handed_in(
        "a_wrong_offset",
        "says that its member is beyond the end",
        patched(GOOD, {(CENTRAL, 42): b"\xff\xff\xff\x7f"}),
        BROKEN,
    ),
    handed_in(
        "many_entries_that_are_not_there",
        "says that it has 65,535 members",
        patched(GOOD, {(END, 8): b"\xff" * 4}),
    ),
    handed_in("behind_a_program", "begins with another file", b"MZ" + bytes(5000) + GOOD),
    handed_in(
        "a_date_of_none",
        "has a member of the 31st of the 15th month",
        patched(GOOD, {(CENTRAL, 12): b"\xff" * 4}),
    ),
    handed_in(
        "lzma",
        "is compressed in a way that needs memory",
        archive(Member("losses.py"), method=zipfile.ZIP_LZMA),
    ),
    FileAttack(
        "a_pipe", "is a pipe, on which reading waits for ever", _a_pipe, "not an ordinary file"
    ),
    FileAttack("a_link_outside", "is a link to a file of the instructor's", _a_link, "a link"),
    FileAttack("a_folder", "is a folder that is called like an archive", _a_folder),
]
