"""Run the code of one submission, with limits, out of reach of the files around it. `grade.py` starts this.

In on stdin, as JSON: the sources of the cells. Out on stdout: the outputs of each cell, None for one that was not completed, and why
not. Nothing else of a submission comes in, and nothing else comes out."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import landlock
import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbgrader.preprocessors import Execute

# What a Python needs beside its own folders. Nobody's own files lie here.
SYSTEM = ["/usr", "/bin", "/lib", "/lib32", "/lib64", "/nix", "/etc", "/proc", "/sys", "/dev/urandom", "/dev/random"]

NOT_RUN = "NotRun"  # the name of the error of a cell that was not run to its end
# Run before a submission's own cells. The imports are not to count as its time: on a busy machine they take longer than an answer
# may. And exit() ends a kernel some time later, so that it would be chance how many cells below it still count.
START = """import importlib

for module in ("fslkeras", "fslkeras.course.checks", "fslkeras.course.plotting"):
    importlib.import_module(module)
del importlib, module
get_ipython().ask_exit = lambda: None"""


class TimeUp(Exception):
    """Raised before a cell where all cells together have taken too long."""


class ExecuteWithLimits(Execute):
    """nbgrader's execution of a notebook, with a limit on its time as a whole and on what each cell prints.

    Args:
        seconds: for all cells together. `timeout`, nbgrader's own, is for each but the first.
        printed: bytes that a cell may print; the rest is left out.
    """

    def __init__(self, seconds, printed, **settings):
        super().__init__(**settings)
        self.deadline, self.most_printed, self.completed = time.monotonic() + seconds, printed, []

    def preprocess_cell(self, cell, resources, index):
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeUp
        self.timeout_func = lambda cell: left if index == 0 else min(left, self.timeout)
        self.printed = 0
        executed = super().preprocess_cell(cell, resources, index)
        self.completed.append(index)
        return executed

    def output(self, outputs, message, display_id, cell_index):
        before, self.printed = self.printed, self.printed + len(json.dumps(message["content"], default=str))
        if self.printed <= self.most_printed:
            return super().output(outputs, message, display_id, cell_index)
        if before <= self.most_printed:
            outputs.append(nbformat.v4.new_output("stream", text="\n[the rest of what this cell prints is left out]\n"))


def run(sources, seconds, cell_seconds, printed):
    """Runs cells of code one after the other.

    Args:
        sources: list of str.
        seconds, cell_seconds: for all of them and for each; then it is interrupted.
        printed: bytes that each may print.
    Returns:
        dict: "outputs", a list with the outputs of each cell or None; "reason", "" or why some cells were not completed.
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in (START, *sources)])
    slow = f"a cell took more than {cell_seconds:g} seconds"
    interrupted = {"ename": NOT_RUN, "evalue": slow, "traceback": [slow]}
    execute = ExecuteWithLimits(seconds, printed, timeout=cell_seconds, error_on_timeout=interrupted)
    reason = ""
    try:
        execute.preprocess(notebook, {})
    except TimeUp:
        reason = f"it took more than {seconds:g} seconds"
    except CellTimeoutError:
        reason = f"{slow} and could not be interrupted"
    except DeadKernelError:
        reason = "its kernel died"
    outputs = [cell.outputs if i in execute.completed else None for i, cell in enumerate(notebook.cells)]
    return {"outputs": outputs[1:], "reason": reason}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--cell-seconds", type=float, required=True)
    parser.add_argument("--printed", type=int, required=True, help="bytes that a cell may print")
    parser.add_argument(
        "--file-size", type=int, required=True, help="bytes that any file may have, and all outputs together"
    )
    parser.add_argument(
        "--readable", type=Path, action="append", help="what it may read beside the system; without, everything"
    )
    asked = parser.parse_args()

    import resource  # Windows has none, and `grade.py`, which imports this file, says so

    # The processor's time is a backstop, for when the grader itself is killed.
    for limit, value in {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: asked.file_size,
        resource.RLIMIT_CPU: int(2 * asked.seconds * (os.cpu_count() or 1)),
    }.items():
        resource.setrlimit(limit, (value, value))
    if asked.readable:
        landlock.confine([*SYSTEM, sys.prefix, sys.base_prefix, *asked.readable], [Path.cwd(), "/dev/null"])

    sources = json.load(sys.stdin)
    # The kernel gets another stdout than this: what it prints past Jupyter is to be lost, not mixed with the result.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as result, open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        json.dump(run(sources, asked.seconds, asked.cell_seconds, asked.printed), result)


if __name__ == "__main__":
    main()
