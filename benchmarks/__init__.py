"""How fast the project is: `python -m benchmarks`, or `make bench`.

`rows/` has what is measured, `peers/` what it is measured beside, and `results.json` what was
measured last; `docs/benchmarks.md` shows it.
"""
