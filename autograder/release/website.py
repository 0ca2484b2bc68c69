"""The website in a release: its built pages, to be read from a folder without a network."""

from __future__ import annotations

from pathlib import Path

FOLDER = "website"
"""Where it stands in a release."""

START = "index.html"
LEFT_OUT = ("run/", "404.html", "sitemap.xml", "sitemap.xml.gz")
"""What only a server needs: the exercises for the browser, and what is for strangers."""

IN_PLACE = {
    "assets/run.js": b"// No button to run it here: the exercises themselves are at hand.\n",
    "search/search_index.js": b"var __index = {}; // browsers search nothing in a folder\n",
}
"""Files that are others than a server's."""


class NoWebsite(Exception):
    """A folder that holds no website of this course as it is now; the message says why."""


def website(site: Path, course: Path) -> dict[str, bytes]:
    """Return the files of a built website, by their paths in a release.

    Parameters
    ----------
    site : Path
        What `make site` has built.
    course : Path
        The folder of the course, whose chapters it is built from.

    Raises
    ------
    NoWebsite
        If there is none, or a chapter has changed since.
    """
    start = site / START
    if not start.is_file():
        raise NoWebsite(f"{site} holds no website; run `make site`, or say where with --site")
    for chapter in sorted((course / "course").glob("*/index.md")):
        page = site / chapter.relative_to(course).with_suffix(".html")
        if not page.is_file() or page.stat().st_mtime < chapter.stat().st_mtime:
            raise NoWebsite(f"{page} is older than {chapter}; run `make site`")
    files = {}
    for path in sorted(site.rglob("*")):
        name = path.relative_to(site).as_posix()
        if path.is_file() and not name.startswith(LEFT_OUT) and path.suffix != ".map":
            files[name] = path.read_bytes()
    return {f"{FOLDER}/{name}": data for name, data in (files | IN_PLACE).items()}
