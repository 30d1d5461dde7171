"""Dependencies between the parts: the course imports the core, never the reverse."""

import ast
import functools
import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fslkeras"
CORE = [path for path in sorted(PACKAGE.rglob("*.py")) if PACKAGE / "course" not in path.parents]
CORE.remove(PACKAGE / "__main__.py")  # the command line is the course's: `python -m fslkeras`
MODULES = sorted(PACKAGE.rglob("*.py"))
MODEL_PARTS = {"layers", "losses", "metrics", "encoders", "episode_network", "networks"}
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]


def each(paths):
    return pytest.mark.parametrize(
        "path", paths, ids=lambda path: path.relative_to(ROOT).as_posix()
    )


def imported(path):
    """The full names of all modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def is_in(name, package):
    return name == package or name.startswith(f"{package}.")


def declared(dependencies):
    return {canonicalize_name(Requirement(line).name) for line in dependencies}


def distributions(path):
    """The third-party packages that a file imports, each with the distributions that provide it."""
    folders = [
        folder
        for folder in (*path.parents, ROOT / "benchmarks", ROOT / "tools")
        if ROOT in (folder, *folder.parents)
    ]
    ours = {file.stem for folder in folders for file in folder.iterdir()}
    for package in (
        {name.partition(".")[0] for name in imported(path)} - ours - sys.stdlib_module_names
    ):
        yield package, set(map(canonicalize_name, installed().get(package, [package])))


installed = functools.cache(importlib.metadata.packages_distributions)


@each(CORE)
def test_the_core_does_not_import_the_course(path):
    assert not [name for name in imported(path) if is_in(name, "fslkeras.course")]


@each([path for path in CORE if MODEL_PARTS & {path.stem, path.parent.stem}])
def test_models_do_not_import_datasets(path):
    forbidden = (
        "fslkeras.datasets",
        "fslkeras.episodes",
        "fslkeras.evaluation",
        "fslkeras.classifier",
    )
    assert not [
        name for name in imported(path) if any(is_in(name, package) for package in forbidden)
    ]


@each(MODULES)
def test_the_package_does_not_import_the_repository_around_it(path):
    around = {
        file.stem
        for folder in ("benchmarks", "teaching", "tests", "tools")
        for file in (ROOT / folder).iterdir()
    }
    around |= {"benchmarks", "notebooks", "teaching", "tests", "tools"}
    assert not around & {name.partition(".")[0] for name in imported(path)}


def test_importing_the_package_starts_no_backend_and_changes_no_environment_variable():
    code = (
        "import os, sys; before = dict(os.environ); import fslkeras; "
        "assert dict(os.environ) == before; "
        "heavy = {'jax', 'keras', 'matplotlib', 'numpy', 'tensorflow', 'torch'}; "
        "assert not heavy & set(sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@each(CORE)
def test_the_core_needs_only_its_dependencies(path):
    optional = (
        {"tensorflow", "tensorflow-datasets"} if path.stem in ("omniglot", "prepared") else set()
    )  # the course has them
    allowed = declared(PYPROJECT["project"]["dependencies"]) | optional
    assert {package: bring for package, bring in distributions(path) if not bring & allowed} == {}


@pytest.mark.parametrize("folder", ["fslkeras", "teaching", "benchmarks", "tests", "notebooks"])
def test_every_imported_package_is_declared(folder):
    known = declared(sum(EXTRAS.values(), PYPROJECT["project"]["dependencies"]))
    missing = {
        f"{path.name} imports {package}"
        for path in (ROOT / folder).rglob("*.py")
        for package, bring in distributions(path)
        if not bring & known
    }
    assert missing == set()


def test_an_installation_contains_every_module():
    packages = {path.parent.relative_to(ROOT).as_posix().replace("/", ".") for path in MODULES}
    assert set(PYPROJECT["tool"]["setuptools"]["packages"]) == packages | {"fslkeras.data"}


def lines(function):
    """The lines of its statements, without the signature and the docstring."""
    statements = function.body[ast.get_docstring(function) is not None :]
    return function.end_lineno - statements[0].lineno + 1 if statements else 0


@each(MODULES)
def test_no_module_is_over_300_lines_and_no_function_over_40(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    assert {function.name: lines(function) for function in functions if lines(function) > 40} == {}


def test_the_core_stays_small():
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in CORE) <= 3400
