# The course's commands. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: $(shell sed -n 's/^\([a-z-]*\):.*/\1/p' Makefile)

PYTHON ?= python3
export PYTHON
CONSTRAINTS ?= constraints.txt
python := .venv-dev/bin/python
chapters := $(wildcard notebooks/*.ipynb)
layer_tests := tests/layers $(addprefix tests/test_,encoders.py losses.py metrics.py)
core_parts := classifier.py episodes.py evaluation.py invariants.py networks.py
core_tests := $(addprefix tests/test_,$(core_parts))
jax_tests := $(layer_tests) tests/test_train_distributed.py
torch_tests := $(layer_tests) tests/test_classifier.py tests/test_episodes.py
prose := *.md data docs notebooks fslkeras teaching benchmarks examples tools tests
prose_files := $(addprefix --include=*.,py md ipynb html js) --exclude-dir=solved
run_notebooks := --nbval-lax --nbval-current-env --nbval-cell-timeout=900
parallel := -n 2 --dist loadfile
copies := $(addprefix notebooks/mine/,$(notdir $(chapters)))
as_root := $(if $(filter 0,$(shell id -u)),--allow-root)

help:
	@awk -F ":.*## " '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

lab: course $(copies) ## your own copies of the chapters, in JupyterLab
	.venv/bin/python -m jupyterlab notebooks/mine $(as_root)

# The bar makes the chapter an order-only prerequisite: an existing copy is never overwritten.
notebooks/mine/%.ipynb: | notebooks/%.ipynb
	@mkdir -p notebooks/mine
	@test -e $@ || cp $| $@

test: dev ## every test, and every notebook from its first cell to its last
	@start=$$(date +%s); status=0; for part in "$(parallel) tests/test_grading.py fslkeras tests" \
	"$(parallel) $(run_notebooks) $(wildcard notebooks/solved/*.ipynb) $(chapters)"; do \
	$(python) -m pytest --durations=15 $$part || status=1; \
	echo "make test has taken $$(($$(date +%s) - start)) seconds."; done; exit $$status
test-fast: dev ## the tests without the notebooks, and how much of the package they cover
	$(python) -m coverage run -m pytest
	@echo "The tests cover $$($(python) -m coverage report --format=total) % of the lines of fslkeras."
test-backends: backends ## the core on JAX and PyTorch, without TensorFlow, matplotlib and Jupyter
	KERAS_BACKEND=jax .venv-backends/bin/python -m pytest $(parallel) $(jax_tests)
	KERAS_BACKEND=torch .venv-backends/bin/python -m pytest $(parallel) $(torch_tests)
test-oldest: oldest ## the core and chapter 3 with the oldest versions, from constraints-oldest.txt
	.venv-oldest/bin/python -m pytest $(run_notebooks) $(layer_tests) $(core_tests) \
	notebooks/03_relation.ipynb
lint: dev ## ruff, codespell, and a search for phrases that are not plain English
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	.venv-dev/bin/codespell
	@! grep -rInwiE -f tools/banned_phrases.txt $(prose_files) $(prose)

run: dev ## execute every chapter; print its time, memory and accuracy
	$(python) benchmarks/run_chapters.py
notebooks: dev ## generate the learner's chapters from notebooks/solved
	$(python) notebooks/generate.py
site: dev ## the course as a website, in build/site
	$(python) docs/build.py
slides: dev ## a slide deck of each chapter, in build/slides
	$(python) teaching/slides.py
bundle: course ## one archive from which the course installs without a network
	.venv/bin/python teaching/bundle.py
release: dev ## build/course: an nbgrader assignment per chapter, to hand out
	$(python) teaching/release.py
# `teaching/grade.py --help` lists the OPTIONS.
grade: $(if $(SUBMITTED),dev) ## SUBMITTED=folder: grade folder/LEARNER/02_prototypical.ipynb ...
	@test -n "$(SUBMITTED)" || { echo "Which folder? Run make grade SUBMITTED=folder," \
	"with one folder per learner in it."; exit 1; }
	$(python) teaching/grade.py "$(SUBMITTED)" $(OPTIONS)

clean: ## remove everything these commands made, except notebooks/mine
	rm -rf .venv .venv-dev .venv-backends .venv-oldest build fslkeras.egg-info \
	.hypothesis .pytest_cache .ruff_cache

# The environments. The learner's has no developer tools: nbgrader would add its own menus and
# messages to JupyterLab. If there is a folder `wheels`, as in a bundle, it is installed from that.
from_wheels := $(if $(wildcard wheels),--no-index --find-links wheels)
course:
	@sh tools/environment.sh .venv $(CONSTRAINTS) $(from_wheels) -e ".[course]"
dev:
	@sh tools/environment.sh .venv-dev $(CONSTRAINTS) -e ".[course,dev,site,teach]"
backends:
	@sh tools/environment.sh .venv-backends $(CONSTRAINTS) -e ".[backends]" \
	hypothesis pytest pytest-xdist
oldest:
	@PYTHONS=3.11 sh tools/environment.sh .venv-oldest constraints-oldest.txt -e ".[course]" \
	hypothesis nbval pytest
