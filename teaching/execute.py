"""Run the code of one submission, with limits. `grade.py` starts this, in a sandbox.

In on stdin, as JSON: the sources of the cells. Out on stdout, as lines of JSON: the outputs of each cell as soon as it is completed, and
at the end why the rest was not, or "". Nothing else of a submission comes in, and nothing else comes out."""

import argparse
import json
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

NOT_RUN = "NotRun"  # the name of the error of a cell that was not run to its end
MEGABYTE = 2**20
PRINTED = 1 * MEGABYTE  # by a cell
FILE_SIZE = 64 * MEGABYTE  # of any file that a submission writes, and of all its outputs together
# Run before a submission's own cells. The imports should not count as its time: on a busy machine they take longer than an answer
# may. And exit() ends a kernel some time later, so that it would be chance how many cells below it still count.
START = """import importlib

for module in ("fslkeras.course.checks", "fslkeras.course.plotting"):
    importlib.import_module(module)
del importlib, module
get_ipython().ask_exit = lambda: None"""


class Cells(NotebookClient):
    """nbclient's execution of a notebook, with a limit on what each cell prints. `result` is where the outputs go."""

    async def async_execute_cell(self, cell, cell_index, **settings):
        self.printed = 0
        executed = await super().async_execute_cell(cell, cell_index, **settings)
        if cell_index:
            print(json.dumps(cell.outputs), file=self.result, flush=True)
        return executed

    def output(self, outs, msg, display_id, cell_index):
        before, self.printed = (
            self.printed,
            self.printed + len(json.dumps(msg["content"], default=str)),
        )
        if self.printed <= PRINTED:
            return super().output(outs, msg, display_id, cell_index)
        if before <= PRINTED:
            outs.append(
                nbformat.v4.new_output(
                    "stream", text="\n[the rest of what this cell prints is left out]\n"
                )
            )


def record_error(cell, cell_index, execute_reply):
    """Puts an error among a cell's outputs if it is missing: a cell that was interrupted, or code that hides its errors."""
    reply = execute_reply["content"]
    if reply["status"] == "error" and not any(
        output.get("ename") == reply["ename"] for output in cell.outputs
    ):
        error = {name: reply[name] for name in ("ename", "evalue", "traceback")}
        cell.outputs.append(nbformat.v4.new_output("error", **error))


def run(sources, cell_seconds, result):
    """Runs cells of code one after the other, and writes down the outputs of each.

    Args:
        sources: list of str.
        cell_seconds: for each; then it is interrupted, and the next one runs.
        result: a file that is open for writing.
    Returns:
        "", or why some cells were not completed.
    """
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (START, *sources)]
    )
    slow = f"a cell took more than {cell_seconds:g} seconds"
    cells = Cells(
        notebook,
        timeout_func=lambda cell: None if cell is notebook.cells[0] else cell_seconds,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": NOT_RUN, "evalue": slow, "traceback": [slow]},
        allow_errors=True,
        raise_on_iopub_timeout=True,
        on_cell_executed=record_error,
    )
    cells.result = result
    try:
        cells.execute()
    except CellTimeoutError:
        return f"{slow} and could not be interrupted"
    except DeadKernelError:
        return "its kernel died"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell-seconds", type=float, required=True)
    asked = parser.parse_args()

    import resource  # Windows has none, and `grade.py`, which imports this file, says so

    # The number of threads and processes is a backstop: `grade.py` stops a submission at far fewer processes.
    for limit, value in {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NPROC: 4096,
    }.items():
        most = resource.getrlimit(limit)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))

    sources = json.load(sys.stdin)
    # The kernel gets another stdout than this: what it prints past Jupyter is lost, instead of mixed with the result.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as result, open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        print(json.dumps(run(sources, asked.cell_seconds, result)), file=result)


if __name__ == "__main__":
    main()
