"""Run the code of one submission, with limits. `grade.py` starts this, in a sandbox.

stdin: the code of the cells, as JSON. stdout: one line of JSON per completed cell, its outputs, as
soon as it completes; then one line that says why the others did not complete, or "". Nothing else
of a submission comes in, and nothing else goes out.
"""

import argparse
import json
import os
import sys

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

NOT_RUN = "NotRun"  # name of the error of a cell that did not run to its end
MEGABYTE = 2**20
PRINTED = 1 * MEGABYTE  # limit for what a cell prints
FILE_SIZE = 64 * MEGABYTE  # limit for each file a submission writes, and for all its outputs
# Runs before a submission's own cells. On a busy machine these imports take longer than an answer
# may, so they should not count. And exit() would end the kernel only some time later, after a
# random number of further cells.
START = """import importlib

for module in ("fslkeras.course.checks", "fslkeras.course.plotting"):
    importlib.import_module(module)
del importlib, module
get_ipython().ask_exit = lambda: None"""


class Cells(NotebookClient):
    """Executes a notebook with nbclient, limits what each cell prints, and writes to `result`."""

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
            cut = "\n[the rest of this cell's output is left out]\n"
            outs.append(nbformat.v4.new_output("stream", text=cut))


def record_error(cell, cell_index, execute_reply):
    """Adds a cell's error to its outputs if an interrupt or the code itself hid it."""
    reply = execute_reply["content"]
    if reply["status"] == "error" and not any(
        output.get("ename") == reply["ename"] for output in cell.outputs
    ):
        error = {name: reply[name] for name in ("ename", "evalue", "traceback")}
        cell.outputs.append(nbformat.v4.new_output("error", **error))


def run(sources, cell_seconds, result):
    """Runs code cells in order, and writes the outputs of each to a file.

    Args:
        sources: list of str, the code of each cell.
        cell_seconds: time limit for a cell, in seconds. It is then interrupted, and the next runs.
        result: file open for writing.
    Returns:
        why some cells did not complete, or "".
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

    import resource  # not on Windows, where `grade.py`, which imports this file, says so

    # The limit on processes is a last resort: `grade.py` stops a submission at far fewer.
    for limit, value in {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NPROC: 4096,
    }.items():
        most = resource.getrlimit(limit)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(limit, (value, value))

    sources = json.load(sys.stdin)
    # The kernel gets another stdout: what it prints without Jupyter must not mix with the result.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as result, open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        print(json.dumps(run(sources, asked.cell_seconds, result)), file=result)


if __name__ == "__main__":
    main()
