"""Measure, show, and keep: `python -m benchmarks [ROW ...] [--quick | --full]`."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks import results
from benchmarks.machine import load, machine, settle
from benchmarks.measure import Effort, NotMeasured, Row, say
from benchmarks.report import text_of


def _options(rows: Sequence[Row]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the speed.")
    names = [row.name for row in rows]
    parser.add_argument("row", nargs="*", help=f"these only, of: {', '.join(names)}")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="a glance; isn't kept without --out")
    length.add_argument("--full", action="store_true", help="also a class of 10,000")
    help = "where to keep what is measured; default: benchmarks/results.json"
    parser.add_argument("--out", type=Path, metavar="FILE", help=help)
    options = parser.parse_args()
    unknown = [name for name in options.row if name not in names]
    if unknown:
        parser.error(f"there is no row {unknown[0]!r}; there are: {', '.join(names)}")
    return options


def main() -> int:
    """Measure the rows; return 1 if one failed, and 0 whether or not goals are met."""
    settle()
    from benchmarks.rows import ROWS  # which import NumPy

    options = _options(ROWS)
    effort = Effort.QUICK if options.quick else Effort.FULL if options.full else Effort.USUAL
    out = options.out or (None if options.quick else results.RESULTS)
    about, failed = machine(), []
    print("\n".join(f"{name:32}{value}" for name, value in about.items()))
    for row in ROWS:
        if options.row and row.name not in options.row:
            continue
        before, start = load(), time.perf_counter()
        say(f"{row.name} …")
        try:
            measured = row.measure(effort)
        except NotMeasured as why:
            print(f"\n{row.title}\n  not measured: {why}")
            continue
        except Exception:
            traceback.print_exc()
            failed.append(row.name)
            continue
        new = results.entry(measured, effort, time.perf_counter() - start, before, about)
        print(f"\n{text_of(row, new)}", flush=True)
        if out:
            results.write(row.name, new, out)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
