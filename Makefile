# The course's commands. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help lab test test-fast test-backends lint run notebooks slides bundle release grade clean course dev backends

PYTHON ?= python3
chapters := $(wildcard notebooks/[0-9]*.ipynb)
solved := $(wildcard notebooks/solved/[0-9]*.ipynb)
backend_tests := $(wildcard tests/layers tests/test_encoders.py tests/test_losses.py)

help:
	@echo "make lab            the course: your own copies of the chapters, in JupyterLab"
	@echo "make test           every test, and every notebook from its first cell to its last"
	@echo "make test-fast      the tests without the notebooks"
	@echo "make test-backends  the layers and losses on the JAX and PyTorch backends of Keras"
	@echo "make lint           ruff, on the notebooks too"
	@echo "make run            every chapter: its seconds, its memory, the figure it reached"
	@echo "make notebooks      the learner's chapters, made again from notebooks/solved"
	@echo "make slides         a slide deck of each chapter, in build/slides"
	@echo "make bundle         one archive from which the course installs without a network"
	@echo "make release        build/course: an nbgrader assignment of each chapter's exercises, to hand out"
	@echo "make grade SUBMITTED=folder   marks for what came back, folder/LEARNER/02_prototypical.ipynb"
	@echo "make clean          remove all that these commands made, except notebooks/mine"

lab: course $(addprefix notebooks/mine/,$(notdir $(chapters)))
	.venv/bin/python -m jupyterlab notebooks/mine $(if $(filter 0,$(shell id -u)),--allow-root)

# The chapter comes after a bar: a copy is made where there is none, and never made again, however old it is.
notebooks/mine/%.ipynb: | notebooks/%.ipynb
	@mkdir -p notebooks/mine
	@test -e $@ || cp $| $@

test: dev
	.venv-dev/bin/python -m pytest --nbval-lax --nbval-current-env --nbval-cell-timeout=900 fslkeras tests $(solved) $(chapters)

test-fast: dev
	.venv-dev/bin/python -m pytest

test-backends: backends
	@status=0; for backend in jax torch; do \
		echo "KERAS_BACKEND=$$backend"; \
		KERAS_BACKEND=$$backend .venv-backends/bin/python -m pytest $(backend_tests) || status=1; \
	done; exit $$status

lint: dev
	.venv-dev/bin/python -m ruff check .
	.venv-dev/bin/python -m ruff format --check .

run: dev
	.venv-dev/bin/python benchmarks/run_chapters.py

notebooks: dev
	.venv-dev/bin/python notebooks/generate.py

slides: dev
	.venv-dev/bin/python teaching/slides.py

bundle: course
	.venv/bin/python teaching/bundle.py

release: dev
	.venv-dev/bin/python teaching/release.py

# OPTIONS: what `teaching/grade.py --help` lists.
grade: $(if $(SUBMITTED),dev)
	@test -n "$(SUBMITTED)" || { echo "Which folder? make grade SUBMITTED=folder, with one folder a learner in it"; exit 1; }
	.venv-dev/bin/python teaching/grade.py "$(SUBMITTED)" $(OPTIONS)

clean:
	rm -rf .venv .venv-dev .venv-backends build fslkeras.egg-info .pytest_cache .ruff_cache

# The environments. The learner's has no tools in it: nbgrader would bring its own menus and messages into JupyterLab. TensorFlow
# is absent from the third, so a layer that needs it fails there.
course:
	$(call install,.venv,$(offline) -e .)
dev:
	$(call install,.venv-dev,-e ".[dev$(comma)teach]")
backends:
	$(call install,.venv-backends,jax keras numpy pillow pytest torch)

# A bundle (`make bundle`) brings the wheels that the learner's environment is made of; nothing is then asked for elsewhere.
offline := $(if $(wildcard wheels),--no-index --find-links wheels)

# $(call install,ENVIRONMENT,PACKAGES). A stamp holds the text that the environment was installed from. It is compared by
# content, so a `git checkout`, which changes dates, reinstalls nothing and nothing needs the network twice.
comma := ,
install = @$(wanted) | cmp -s - $(1)/installed 2>/dev/null || { \
	$(find_python); \
	"$(1)/bin/python" -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear $(1) || exit 1; \
	echo "Installing into $(1): some minutes, this once."; \
	$(1)/bin/python -m pip install --disable-pip-version-check -c constraints.txt $(2) || exit 1; \
	$(wanted) > $(1)/installed; }
wanted = { pwd; cat pyproject.toml constraints.txt; }

# TensorFlow's wheel says for which Python, system and processor a bundle was made.
has_wheels = import glob, platform, sys; system = "macosx" if sys.platform == "darwin" else "linux"; \
	tags = f"cp3{sys.version_info.minor}-*{system}*{platform.machine()}"; sys.exit(not glob.glob(f"wheels/tensorflow-*-{tags}.whl"))

find_python = for python in "$(PYTHON)" python3.13 python3.12 python3.11 ""; do \
		"$$python" -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))" 2>/dev/null || continue; \
		$(if $(findstring --no-index,$(2)),"$$python" -c '$(has_wheels)' &&) break; \
	done; \
	if [ -z "$$python" ] && [ -n "$(findstring --no-index,$(2))" ]; then \
		echo "The folder wheels holds the packages for another Python or another kind of computer: its TensorFlow is"; \
		echo "    $(notdir $(wildcard wheels/tensorflow-2*))"; \
		echo "Install that Python, or get the bundle for yours; or remove the folder to install from the network."; \
		exit 1; \
	elif [ -z "$$python" ]; then \
		echo "The course needs Python 3.11, 3.12 or 3.13, and none was found. Install one"; \
		echo "(Debian, Ubuntu: sudo apt install python3 python3-venv;  macOS: brew install python@3.13),"; \
		echo "or name yours: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; \
		exit 1; \
	fi; \
	if ! "$$python" -c "import ensurepip, venv" 2>/dev/null; then \
		echo "$$python cannot make virtual environments yet. On Debian and Ubuntu: sudo apt install python3-venv"; \
		exit 1; \
	fi
