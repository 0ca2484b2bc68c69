# make demo   grade a sample class and build the website
# make test   run the whole test suite
# make bench  measure how fast it is, and keep it for the website; ROWS="site" for some rows only
# Both make the environment in .venv first. Learners need none of this: see README.md.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: help demo test lint made site pyodide bench clean

help:
	@sed -n 's/^# make/make/p' Makefile

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY)
	$(RUN) solutions/sample_class.py demo/class
	# The sample class is ours: where there is no sandbox, it is graded without one.
	$(RUN) -m autograder grade demo/class --out demo/results --secret demo/secret --unsafe
	$(RUN) docs/build.py --out demo/site
	@echo
	@echo 'The sample class      demo/class/'
	@echo 'The gradebook         demo/results/grades.csv'
	@echo 'The class report      demo/results/class.html'
	@echo 'A feedback file       demo/results/feedback/dina.html'
	@echo 'Everything recorded   demo/results/results.json'
	@echo 'The website           demo/site/index.html'
	@echo '                      ($(RUN) -m http.server -d demo/site, then open http://localhost:8000)'

test: $(READY)
	$(RUN) -m pytest tests -W error --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m mypy

made: $(READY)
	$(RUN) -m autograder stubs
	$(RUN) -m autograder freeze
	$(RUN) docs/play/golden.py

# With PYODIDE=build/pyodide the site runs Python in the browser; make pyodide gets it.
site: $(READY)
	$(RUN) docs/build.py $(if $(PYODIDE),--pyodide $(PYODIDE))

pyodide: $(READY)
	$(RUN) docs/runhere.py build/pyodide

bench: $(READY)
	$(RUN) -m benchmarks $(ROWS)

clean:
	rm -rf $(VENV) demo site build .mypy_cache .ruff_cache .pytest_cache
