"""pyproject.toml, environment.yml and the two constraints files agree."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
PYTHONS = ["3.11", "3.12", "3.13"]
both_files = pytest.mark.parametrize("file", ["constraints.txt", "constraints-oldest.txt"])

extras = PROJECT["optional-dependencies"]
requirements = [Requirement(line) for line in sum(extras.values(), PROJECT["dependencies"])]
course = [Requirement(line) for line in PROJECT["dependencies"] + extras["course"]]


def constraints(file):
    return [line for line in (ROOT / file).read_text().splitlines() if not line.startswith("#")]


def pins(file, python):
    """The exact version of each package on that version of Python, by the package's name."""
    pinned = {}
    for requirement in map(Requirement, constraints(file)):
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python}):
            (specifier,) = requirement.specifier
            assert specifier.operator == "==" and "*" not in specifier.version, requirement
            assert canonicalize_name(requirement.name) not in pinned, requirement
            pinned[canonicalize_name(requirement.name)] = specifier.version
    return pinned


def test_conda_installs_this_project_with_its_constraints():
    python = next(line for line in CONDA if str(line).startswith("python"))
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(PROJECT["requires-python"])
    (pip,) = [entry["pip"] for entry in CONDA if isinstance(entry, dict)]
    assert pip == ["-c constraints.txt", "-e .[course]"]  # no range is written twice


@pytest.mark.parametrize("requirement", requirements, ids=str)
def test_ranges_are_bounded(requirement):
    operators = {specifier.operator for specifier in requirement.specifier}
    assert operators == {">=", "<"}


@pytest.mark.parametrize("python", PYTHONS)
def test_constraints_pin_a_version_in_each_range(python):
    assert python in SpecifierSet(PROJECT["requires-python"])
    pinned = pins("constraints.txt", python)
    for requirement in requirements:
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), (
            f"{requirement}, but constraints.txt has {version}"
        )


@pytest.mark.parametrize("requirement", course, ids=str)
def test_each_range_starts_at_the_oldest_version_tested(requirement):
    (lowest,) = [
        Version(specifier.version)
        for specifier in requirement.specifier
        if specifier.operator == ">="
    ]
    oldest = Version(pins("constraints-oldest.txt", "3.11")[canonicalize_name(requirement.name)])
    assert oldest.release[: len(lowest.release)] == lowest.release


@both_files
def test_constraints_name_no_address_or_path(file):
    for line in constraints(file):
        assert not re.search(r"://|@|^-|/", line), line
