"""A release on disk: written so that nobody's own work is lost, and packed the same each time."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MANIFEST = ".autograder/release.json"
"""Which files came with a release, and their digests as they were given out."""

VERSION = 1
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""The oldest that a zip file can say: the same contents make the same file."""

Tree = Mapping[str, bytes]
"""The contents of files by their paths."""


class NotReleasable(Exception):
    """A place where the release can't be written; the message says why."""


@dataclass(frozen=True)
class Update:
    """What has to be done to a folder so that it holds a release.

    Attributes
    ----------
    write, remove : tuple of str
        Paths of files.
    kept : tuple of str
        Files that were edited, and that the release doesn't change.
    """

    write: tuple[str, ...]
    remove: tuple[str, ...]
    kept: tuple[str, ...]


def with_manifest(tree: Tree, facts: Mapping[str, object]) -> dict[str, bytes]:
    """Return a release together with the file that tells what is in it."""
    digests = {path: _digest(tree[path]) for path in sorted(tree)}
    manifest = {"version": VERSION, **facts, "files": digests}
    return {**tree, MANIFEST: f"{json.dumps(manifest, indent=1)}\n".encode()}


def update(tree: Tree, folder: Path) -> Update:
    """Return how a folder becomes a release; nothing is changed yet.

    Parameters
    ----------
    tree : mapping of str to bytes
        The release, with its manifest.
    folder : Path
        New, empty, or with an earlier release.

    Raises
    ------
    NotReleasable
        If the folder holds something else, or the release would overwrite a
        file that was edited.
    """
    before = _manifest(folder)
    write: list[str] = []
    remove: list[str] = []
    kept: list[str] = []
    edited: list[str] = []
    for path in sorted({*tree, *before} - {MANIFEST}):
        new = _digest(tree[path]) if path in tree else None
        old, now = before.get(path), _digest_on_disk(folder, path)
        if now == new:
            continue
        if now not in (None, old):
            (kept if new == old else edited).append(path)
        elif new is None:
            remove.append(path)
        else:
            write.append(path)
    if edited:
        raise NotReleasable(
            f"these files in {folder} were edited, and are not overwritten: {', '.join(edited)}; "
            "move them away, or release into another folder"
        )
    return Update(tuple(write), tuple(remove), tuple(kept))


def carry_out(changes: Update, tree: Tree, folder: Path) -> None:
    """Bring a folder up to date; the manifest last, so that a broken run can be repeated."""
    for path in (*changes.write, MANIFEST):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(tree[path])
    for path in changes.remove:
        (folder / path).unlink()
        for parent in (folder / path).relative_to(folder).parents:
            if parent.parts and not any((folder / parent).iterdir()):
                (folder / parent).rmdir()


def pack(tree: Tree, name: str, file: Path) -> None:
    """Write a release as a zip file with one folder in it, called `name`.

    Raises
    ------
    NotReleasable
        If there is a file already, and it isn't a release.
    """
    if file.exists() and not _is_release(file):
        raise NotReleasable(f"{file} is not a release, and is not overwritten")
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(tree):
            member = zipfile.ZipInfo(f"{name}/{path}", FIRST_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3  # Unix, wherever it is made
            member.external_attr = 0o100644 << 16
            archive.writestr(member, tree[path])


def _is_release(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return any(name.endswith(f"/{MANIFEST}") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _manifest(folder: Path) -> dict[str, str]:
    """Return the digests of an earlier release; none if the folder is new or empty."""
    path = folder / MANIFEST
    if folder.exists() and not folder.is_dir():
        raise NotReleasable(f"{folder} is not a folder")
    if not path.exists():
        if folder.exists() and any(one.name != ".git" for one in folder.iterdir()):
            raise NotReleasable(f"{folder} is not empty, and holds no earlier release")
        return {}
    try:
        manifest = json.loads(path.read_bytes())
        if manifest["version"] != VERSION:
            raise NotReleasable(f"{path} is of another version of the autograder")
        files = {str(name): str(digest) for name, digest in manifest["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise NotReleasable(f"{path} can't be read; release into another folder") from None
    if any(not _is_inside(name) for name in files):
        raise NotReleasable(f"{path} names files outside of its folder")
    return files


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _digest_on_disk(folder: Path, path: str) -> str | None:
    """Return the digest of a file; None if there is none, and no digest if it isn't a plain one."""
    target = folder / path
    if target.resolve() != folder.resolve() / path:
        return "a link"
    if target.is_dir():
        return "a folder"
    return _digest(target.read_bytes()) if target.exists() else None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
