# Everything a checkout can do.  Each target does its own set-up first: tools/prepare
# makes .venv from pyproject.toml once and is done in a moment when nothing changed.
BIN := .venv/bin
# Tests wait at least as long as they compute: two workers a core.
WORKERS = $$($(BIN)/python -c "import os; print(2 * (os.cpu_count() or 1))")
# Where it is set, each start of lanchat compiles the whole of it again: half a second.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test test-long check bench words shots launcher

run: ## open lanchat
	@tools/prepare run
	@$(BIN)/lanchat $(ARGS)

demo: ## two people on this one machine, each step with its time
	@tools/prepare demo
	@$(BIN)/lanchat demo $(ARGS)

test: ## the suite but for what is long; ARGS="-k name" for a part of it, ARGS="-n 0" in one process
	@tools/prepare test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not long" $(ARGS)

test-long: ## the rest of it: whole programs, several hosts, real windows
	@tools/prepare test
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m long $(ARGS)

check: ## everything that needs no test run, in the order of cheapness
	@tools/prepare check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ## figures, as ratios of one run, beside the goals; ARGS="--only copy"
	@tools/prepare bench
	@$(BIN)/python -m bench $(ARGS)

words: ## the window's catalogues, up to date and compiled; ARGS=fr begins one for a language
	@tools/prepare check
	@$(BIN)/python -m tools.catalogue $(ARGS)

shots: ## the pictures of the README, taken of the real program
	@tools/prepare test
	@$(BIN)/python -m tests.gui.shots docs/pictures

launcher: ## the icon at every size and the entry for menus, after a change of either
	@tools/prepare check
	@$(BIN)/python tools/draw_launcher.py lanchat/gui/assets/launcher
