"""Runs a submission's code in its own process for nbgrader, limiting time, memory and output."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

import nbformat
import psutil
from execute import FILE_SIZE, MEGABYTE, NOT_RUN
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from release import ROOT
from traitlets import Float, List, Unicode

PROCESSES = 100  # at a time for one notebook; the course needs four


class ExecuteApart(NbGraderPreprocessor):
    """Replaces nbgrader's `Execute`: runs a notebook's code in a sandbox, with limits.

    A cell that did not finish, because of a limit or a dead kernel, gets an error that says so,
    and therefore no points.
    """

    seconds = Float(300.0, help="time limit for a notebook").tag(config=True)
    cell_seconds = Float(30.0, help="time limit for a cell; the next one still runs").tag(
        config=True
    )
    megabytes = Float(2000.0, help="memory limit for all processes of a notebook").tag(config=True)
    sandbox = List(Unicode(), help="command that starts the sandbox; empty for none").tag(
        config=True
    )

    def preprocess(self, notebook, resources):
        """Fills in the outputs of a notebook's code cells, as nbconvert's `Preprocessor` asks."""
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        outputs, reason = self.run([cell.source for cell in cells])
        for cell, printed in zip(cells, outputs, strict=False):
            cell.outputs = nbformat.from_dict(printed)
            # nbgrader counts output on stderr as a failure, but a warning is not a wrong answer.
            if is_grade(cell):
                cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for cell in cells[len(outputs) :]:
            cell.outputs = [
                nbformat.v4.new_output("error", ename=NOT_RUN, evalue=reason, traceback=[reason])
            ]
        return notebook, resources

    def run(self, sources):
        """Runs code cells in another process.

        Args:
            sources: list of str, the code of each cell.
        Returns:
            the outputs of each completed cell, in order; and why the rest did not complete, or "".
        """
        with (
            tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as folder,
            tempfile.TemporaryFile() as code,
            tempfile.TemporaryFile() as result,
        ):
            code.write(json.dumps(sources).encode())
            code.seek(0)
            process = self.start(folder, stdin=code, stdout=result, stderr=subprocess.DEVNULL)
            try:
                stopped = self.watch(process)
            finally:
                # The sandbox first, with everything in it.
                for child in psutil.Process().children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        child.kill()
                process.wait()
            result.seek(0)
            outputs, reason = read_result(result)
            return outputs, stopped or reason

    def start(self, folder, **streams):
        """Starts `execute.py`.

        Args:
            folder: path of an empty folder to work in, if there is no sandbox to provide one.
            streams: keyword arguments of `subprocess.Popen` for stdin, stdout and stderr.
        Returns:
            `subprocess.Popen`, the running process.
        """
        command = [*self.sandbox, sys.executable, ROOT / "teaching" / "execute.py"]
        work = "/tmp" if self.sandbox else folder
        # Keep out the teacher's own environment. Without a GPU, marks are the same everywhere.
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": work, "TMPDIR": work}
        environment |= {"PYTHONPATH": ROOT, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        return subprocess.Popen(
            [*command, f"--cell-seconds={self.cell_seconds}"],
            cwd=folder,
            env=environment,
            **streams,
        )

    def watch(self, process):
        """Waits until a process ends, or until it and its children exceed a limit.

        Args:
            process: `subprocess.Popen`.
        Returns:
            which limit it exceeded, or "".
        """
        deadline = time.monotonic() + self.seconds
        while process.poll() is None:
            children, memory = psutil.Process().children(recursive=True), 0
            for child in children:
                with contextlib.suppress(psutil.Error):
                    memory += child.memory_info().rss
            if len(children) > PROCESSES:
                return f"it started more than {PROCESSES} processes"
            if memory > self.megabytes * MEGABYTE:
                return f"it took more than {self.megabytes:g} MB of memory"
            if time.monotonic() > deadline:
                return f"it took more than {self.seconds:g} seconds"
            time.sleep(0.05)
        return ""


def read_result(lines):
    """Reads what `execute.py` wrote before it ended.

    Args:
        lines: iterable of bytes.
    Returns:
        the outputs of each completed cell; and why the others did not complete, or "".
    """
    outputs = []
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:  # cut off
            break
        if isinstance(value, str):
            return outputs, value
        outputs.append(value)
    return outputs, f"it printed more than {FILE_SIZE // MEGABYTE} MB, or ended itself"
