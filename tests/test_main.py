"""`python -m fslkeras`: the readiness check that everyone runs first, and writing a sheet."""

import importlib.metadata
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import fslkeras
from fslkeras import __main__ as command_line
from fslkeras.course import readiness

CHECKS = ["versions", "device", "memory", "data", "training"]


def run(folder, *arguments, **environment):
    """`python -m fslkeras` in a folder whose modules take precedence over installed ones."""
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path} | environment
    command = [sys.executable, "-m", "fslkeras", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


# --- Readiness


def test_a_ready_computer_is_told_ok_and_nothing_on_stderr(tmp_path):
    check = run(tmp_path)
    assert (check.returncode, check.stderr) == (0, "")
    *table, verdict = check.stdout.splitlines()
    assert [line.split()[0] for line in table] == CHECKS
    assert verdict == "OK"


@pytest.mark.parametrize(
    ("module", "failure", "remedy"),
    [
        (
            "tensorflow",
            "raise ModuleNotFoundError('gone', name='tensorflow')",
            'tensorflow is not installed. Run: pip install "fslkeras[course]"',
        ),
        (
            "tensorflow",
            "try: raise ImportError('libfoo.so: no such file\\nlong story')\n"
            "except ImportError as error: raise ImportError('Traceback ...') from error",
            "ImportError: libfoo.so: no such file. Create a new environment, and install the "
            "course again.",
        ),
        (
            "keras",
            "raise ModuleNotFoundError('gone', name='keras')",
            'keras is not installed. Run: pip install "fslkeras[course]"',
        ),
    ],
)
def test_without_keras_or_tensorflow_there_is_a_line_for_each_check_and_one_remedy(
    tmp_path, module, failure, remedy
):
    (tmp_path / f"{module}.py").write_text(failure)
    check = run(tmp_path)
    assert (check.returncode, check.stderr) == (1, "")
    *table, told = check.stdout.splitlines()
    assert [line.split()[0] for line in table] == CHECKS
    assert [line.split()[0] for line in table if line.endswith("not ready")] == [
        "versions",
        "device",
        "training",
    ]
    assert told == remedy


def missing(*arguments, **options):
    raise FileNotFoundError("glyphs.npz is not there. Clone the repository again.")


@pytest.mark.parametrize(
    ("where", "name", "broken", "remedy"),
    [
        (
            fslkeras.datasets,
            "load",
            missing,
            "glyphs.npz is not there. Clone the repository again.",
        ),
        (readiness, "MEMORY_NEEDED", 1e18, "Close other programs"),
    ],
)
def test_a_problem_is_told_with_its_remedy(monkeypatch, capsys, where, name, broken, remedy):
    for check in ("device", "training"):  # these take seconds
        monkeypatch.setattr(readiness, check, lambda: "skipped")
    monkeypatch.setattr(where, name, broken)
    assert readiness.ready() == 1
    printed = capsys.readouterr().out
    assert remedy in printed and "Traceback" not in printed and not printed.endswith("OK\n")


@pytest.fixture
def metadata(tmp_path, monkeypatch):
    """Installs the metadata of fslkeras with the given requirements."""

    def install(*requirements):
        folder = tmp_path / "fslkeras-0.0.1.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.4", "Name: fslkeras", "Version: 0.0.1"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requirements]
        (folder / "METADATA").write_text("\n".join(lines) + "\n")
        monkeypatch.syspath_prepend(tmp_path)
        assert importlib.metadata.version("fslkeras") == "0.0.1"

    return install


CORE = ("keras>=3", "numpy>=2")


@pytest.mark.parametrize(
    "requirements",
    [
        (*CORE, "tensorflow>=2"),
        (
            *CORE,
            'tensorflow>=2; extra == "course"',
            'nobody-has-this; extra == "dev"',
            'keras>=99; extra == "gpu"',
        ),
        (
            *CORE,
            'keras>=99; python_version < "3"',
            'nobody-has-this; extra == "course" and python_version < "3"',
        ),
        (*CORE, 'fslkeras[plots]; extra == "course"', 'numpy>=2; extra == "plots"'),
        (),
    ],
)
def test_the_requirements_of_the_core_and_the_course_are_checked_and_no_others(
    metadata, requirements
):
    metadata(*requirements)
    keras, tensorflow = map(importlib.metadata.version, ("keras", "tensorflow"))
    assert re.fullmatch(
        rf"Python 3\.\S+, Keras {keras} on tensorflow {tensorflow}", readiness.versions()
    )


@pytest.mark.parametrize(
    ("requirement", "remedy"),
    [
        (
            "keras>=99,<100",
            'needs keras<100,>=99, but keras 3.* Or try: pip install "keras<100,>=99"',
        ),
        (
            'keras>=99; extra == "course"',
            'needs keras>=99, but keras 3.* Or try: pip install "keras>=99"',
        ),
        (
            "nobody-has-this>=1",
            r'^nobody-has-this is not installed. Run: pip install "fslkeras\[course\]"$',
        ),
        (
            'nobody-has-this; extra == "course"',
            r'^nobody-has-this is not installed. Run: pip install "fslkeras\[course\]"$',
        ),
    ],
)
def test_missing_packages_and_wrong_versions_are_named(metadata, requirement, remedy):
    metadata(*CORE, requirement)
    with pytest.raises((readiness.NotReady, importlib.metadata.PackageNotFoundError)) as problem:
        readiness.versions()
    assert re.search(remedy, readiness.remedy(problem.value))


def test_a_course_that_was_never_installed_is_told_where_to_install_it():
    told = readiness.remedy(importlib.metadata.PackageNotFoundError("fslkeras"))
    run = 'In the folder of the course, run: pip install -e ".[course]"'
    assert told == f"fslkeras is not installed. {run}"


# --- The command line


def test_the_version_is_that_of_the_installed_package(tmp_path):
    told = run(tmp_path, "--version")
    assert (told.returncode, told.stdout, told.stderr) == (
        0,
        f"fslkeras {importlib.metadata.version('fslkeras')}\n",
        "",
    )


def test_an_unknown_command_gets_the_list_of_commands(capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(["shet"])
    assert ended.value.code == 2
    assert re.search(
        "argument command: invalid choice: 'shet' .choose from '?sheet'?", capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("sheet.pdf", b"%PDF"),
        ("sheet.png", b"\x89PNG"),
        ("sheet.svg", b"<?xml"),
        ("SHEET.PDF", b"%PDF"),
    ],
)
def test_the_file_that_is_reported_is_the_one_that_was_written(
    tmp_path, monkeypatch, capsys, name, start
):
    pytest.importorskip("cv2")
    monkeypatch.chdir(tmp_path)
    written = []
    for _ in range(2):
        assert command_line.main(["sheet", "--out", name]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith(f"Wrote {name}, with 5 x 4 boxes.")
        assert "fslkeras.course.sheets.load_sheet" in printed
        written.append((tmp_path / name).read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert written[0].startswith(start) and written[0] == written[1]  # the same file each time


def test_a_sheet_is_an_a4_page_that_can_be_read_back(tmp_path):
    pytest.importorskip("cv2")
    from fslkeras.course.sheets import layout, reading

    for name in ("sheet.pdf", "sheet.png"):
        arguments = ["--characters", "3", "--copies", "2", "--out", str(tmp_path / name)]
        assert command_line.main(["sheet", *arguments]) == 0
    assert b"/MediaBox [ 0 0 595.27" in (tmp_path / "sheet.pdf").read_bytes()
    found, marks = reading.find_marks(np.asarray(Image.open(tmp_path / "sheet.png").convert("RGB")))
    assert found == layout.Layout(3, 2) and len(marks) == 4


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ["--characters", "11"],
            "`characters` of Layout. Expected an integer from 1 to 10. Received: characters=11.",
        ),
        (
            ["--copies", "0"],
            "`copies` of Layout. Expected an integer from 1 to 8. Received: copies=0.",
        ),
        (["--out", "nowhere/sheet.pdf"], "Choose a file in an existing folder."),
        (["--out", "folder.pdf"], "folder.pdf cannot be written (Is a directory)"),
        (["--out", "folder"], "must end in one of .pdf, .png, .svg. Received: 'folder'."),
        (["--out", "folder.pdf/"], "must end in one of .pdf, .png, .svg. Received: 'folder.pdf/'."),
        (["--out", ".pdf"], "must end in one of .pdf, .png, .svg. Received: '.pdf'."),
        (["--out", "x"], "must end in one of .pdf, .png, .svg. Received: 'x'."),
        (["--out", ""], "must end in one of .pdf, .png, .svg. Received: ''."),
        (["--out", "x.jpg"], "must end in one of .pdf, .png, .svg. Received: 'x.jpg'."),
        (["--out", "x.pdf.docx"], "must end in one of .pdf, .png, .svg. Received: 'x.pdf.docx'."),
    ],
)
def test_a_sheet_that_cannot_be_written_is_refused_in_one_line(
    tmp_path, monkeypatch, capsys, arguments, reason
):
    pytest.importorskip("cv2")
    monkeypatch.chdir(tmp_path)
    for folder in ("folder", "folder.pdf"):
        (tmp_path / folder).mkdir()
    assert command_line.main(["sheet", *arguments]) == 1
    printed = capsys.readouterr()
    assert reason in printed.err and printed.err.count("\n") == 1 and printed.out == ""
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "folder.pdf"]


def test_without_opencv_a_sheet_says_what_to_install(tmp_path):
    (tmp_path / "cv2.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'cv2'\", name='cv2')"
    )
    told = run(tmp_path, "sheet")
    assert told.returncode == 1 and told.stdout == ""
    assert told.stderr.endswith(
        "OpenCV, which is not installed. Run: pip install opencv-python-headless\n"
    )
    assert told.stderr.count("\n") == 1
