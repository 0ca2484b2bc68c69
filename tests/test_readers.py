"""What a page shows is what its readers get, who run its visible blocks and nothing else."""

from __future__ import annotations

import pytest

from conftest import ROOT
from weave import SOURCES, chosen, hides, outcome

PAGES = [name for name in chosen() if hides((SOURCES / name).read_text(encoding="utf-8"))]
"""All others are run by their readers exactly as by the build."""


def test_nothing_that_is_run_unseen_is_overlooked() -> None:
    visible = '```python exec="true" source="above"\n1\n```\n'
    hidden = '```python exec="true"\n1\n```\n'
    assert not hides(visible + hidden)
    assert hides(hidden + visible)
    assert hides("It is `{python} x`.\n\n" + visible)
    assert not hides(visible + "It is `{python} x`.\n")
    assert (ROOT / "course/losses/index.md").read_text("utf-8").count(hidden[:20]) > 1


@pytest.mark.parametrize("name", PAGES)
def test_a_reader_gets_what_the_page_shows(name: str) -> None:
    page, reader = outcome(name), outcome(name, "read")
    assert "error" not in page, page["error"]
    assert "error" not in reader, reader["error"]
    assert reader["shown"] == page["shown"]
