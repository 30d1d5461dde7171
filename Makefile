# The course's commands. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)

PYTHON ?= python3
export PYTHON
CONSTRAINTS ?= constraints.txt
chapters := $(wildcard notebooks/*.ipynb)
solved := $(wildcard notebooks/solved/*.ipynb)
layer_tests := tests/layers $(addprefix tests/test_,encoders.py losses.py metrics.py)
core_tests := $(addprefix tests/test_,classifier.py episodes.py evaluation.py invariants.py networks.py)
prose := README.md TEACHING.md CONTRIBUTING.md CHANGELOG.md data docs notebooks fslkeras teaching benchmarks tools tests
run_notebooks := --nbval-lax --nbval-current-env --nbval-cell-timeout=900

help:
	@awk -F ":.*## " '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

lab: course $(addprefix notebooks/mine/,$(notdir $(chapters))) ## the course: your own copies of the chapters, in JupyterLab
	.venv/bin/python -m jupyterlab notebooks/mine $(if $(filter 0,$(shell id -u)),--allow-root)

# The chapter comes after a bar: a copy is made where there is none, and never made again, however old it is.
notebooks/mine/%.ipynb: | notebooks/%.ipynb
	@mkdir -p notebooks/mine
	@test -e $@ || cp $| $@

test: dev ## every test, and every notebook from its first cell to its last
	@start=$$(date +%s); status=0; for part in "-n 2 --dist loadfile tests/test_grading.py fslkeras tests" "$(run_notebooks) $(solved) $(chapters)"; do \
	.venv-dev/bin/python -m pytest --durations=15 $$part || status=1; \
	echo "make test has taken $$(($$(date +%s) - start)) seconds."; done; exit $$status

test-fast: dev ## the tests without the notebooks, and how much of the package they run
	.venv-dev/bin/python -m coverage run -m pytest
	@echo "The tests run $$(.venv-dev/bin/python -m coverage report --format=total) % of the lines of fslkeras."

test-backends: backends ## the core on JAX and PyTorch, without TensorFlow, matplotlib and Jupyter
	KERAS_BACKEND=jax .venv-backends/bin/python -m pytest -n 2 --dist loadfile $(layer_tests)
	KERAS_BACKEND=torch .venv-backends/bin/python -m pytest -n 2 --dist loadfile $(layer_tests) tests/test_classifier.py tests/test_episodes.py

test-oldest: oldest ## the core and chapter 3 with the oldest versions of constraints-oldest.txt
	.venv-oldest/bin/python -m pytest $(run_notebooks) $(layer_tests) $(core_tests) notebooks/03_relation.ipynb

lint: dev ## ruff, codespell, and a list of phrases that do not read as plain English
	.venv-dev/bin/python -m ruff check .
	.venv-dev/bin/python -m ruff format --check .
	.venv-dev/bin/codespell
	@! grep -rInwiE -f tools/banned_phrases.txt --include=*.py --include=*.md --include=*.ipynb --include=*.html --include=*.js --exclude-dir=solved $(prose)

run: dev ## every chapter: its seconds, its memory, the accuracy it reached
	.venv-dev/bin/python benchmarks/run_chapters.py

notebooks: dev ## the learner's chapters, generated from notebooks/solved
	.venv-dev/bin/python notebooks/generate.py

site: dev ## the course as a web site, in build/site
	.venv-dev/bin/python docs/build.py

slides: dev ## a slide deck of each chapter, in build/slides
	.venv-dev/bin/python teaching/slides.py

bundle: course ## one archive from which the course installs without a network
	.venv/bin/python teaching/bundle.py

release: dev ## build/course: an nbgrader assignment of each chapter's exercises, to hand out
	.venv-dev/bin/python teaching/release.py

# OPTIONS: what `teaching/grade.py --help` lists.
grade: $(if $(SUBMITTED),dev) ## SUBMITTED=folder: marks for what came back, folder/LEARNER/02_prototypical.ipynb
	@test -n "$(SUBMITTED)" || { echo "Which folder? make grade SUBMITTED=folder, with one folder per learner in it"; exit 1; }
	.venv-dev/bin/python teaching/grade.py "$(SUBMITTED)" $(OPTIONS)

clean: ## remove all that these commands made, except notebooks/mine
	rm -rf .venv .venv-dev .venv-backends .venv-oldest build fslkeras.egg-info .hypothesis .pytest_cache .ruff_cache

# The environments. The learner's has no tools in it: nbgrader would bring its own menus and messages into JupyterLab. It is made from
# the folder `wheels` alone where there is one, as in a bundle.
course:
	@sh tools/environment.sh .venv $(CONSTRAINTS) $(if $(wildcard wheels),--no-index --find-links wheels) -e ".[course]"
dev:
	@sh tools/environment.sh .venv-dev $(CONSTRAINTS) -e ".[course,dev,site,teach]"
backends:
	@sh tools/environment.sh .venv-backends $(CONSTRAINTS) -e ".[backends]" hypothesis pytest pytest-xdist
oldest:
	@PYTHONS=3.11 sh tools/environment.sh .venv-oldest constraints-oldest.txt -e ".[course]" hypothesis nbval pytest
