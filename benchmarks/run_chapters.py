"""Execute every chapter from its first cell to its last.

    python benchmarks/run_chapters.py [NOTEBOOK ...]

prints one line per chapter: seconds, the kernel's peak memory, and its result (the output of the
cell tagged `result`). The executed copies are in build/chapters.
"""

import argparse
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
# Linux counts in KiB, macOS in bytes.
PEAK_MEMORY = """\
import resource, sys
unit = 1 if sys.platform == "darwin" else 1024
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9)"""


def printed(cell):
    """What a code cell printed and the value of its last line, as one line."""
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    ]
    return " ".join("".join(texts).split())


def run(chapter):
    """Executes one notebook; returns its seconds, its kernel's peak memory in GB and its result."""
    notebook = nbformat.read(chapter, as_version=4)
    result_cells = [cell for cell in notebook.cells if "result" in cell.metadata.get("tags", [])]
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK_MEMORY))
    # Coalesced: only the final state of a progress bar.
    client = NotebookClient(
        notebook,
        timeout=None,
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(chapter.parent)}},
    )
    client.extra_arguments = ["--log-level=ERROR"]  # the kernel's warnings are not the chapter's
    started = time.perf_counter()
    try:
        client.execute()
        return (
            time.perf_counter() - started,
            float(printed(notebook.cells[-1])),
            "; ".join(map(printed, result_cells)),
        )
    finally:
        notebook.cells.pop()
        leave_static(notebook)
        copy = ROOT / "build" / "chapters" / chapter.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, copy)


def leave_static(notebook):
    """Leave the static figure of a widget, which a reader without a kernel can see."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "chapters",
        nargs="*",
        metavar="NOTEBOOK",
        type=Path,
        help="default: all of notebooks/solved",
    )
    chapters = parser.parse_args().chapters or sorted(
        (ROOT / "notebooks" / "solved").glob("*.ipynb")
    )
    failed = False
    for chapter in chapters:
        try:
            seconds, gigabytes, result = run(chapter)
            print(f"{chapter.stem:<20} {seconds:5.0f} s  {gigabytes:5.2f} GB  {result}", flush=True)
        except CellExecutionError as error:
            failed = True
            print(f"{chapter.stem:<20} failed: {error.ename}: {error.evalue}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
