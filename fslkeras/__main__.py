"""`python -m fslkeras`: the command line of the course."""

import argparse
import importlib.metadata
import sys


def sheet(characters, copies, out):
    """Writes a sheet on which to draw letters and says how to use it; returns the exit status."""
    try:
        from fslkeras.course.sheets.layout import write

        write(out, characters, copies)
    except OSError as problem:
        print(
            f"{out} cannot be written ({problem.strerror}). Choose a file in an existing folder.",
            file=sys.stderr,
        )
        return 1
    except (ImportError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(
        f"Wrote {out}, with {characters} x {copies} boxes. Print it on A4, draw with a dark pen, "
        "photograph the whole sheet, and load the photograph: "
        'fslkeras.course.sheets.load_sheet("photo.jpg").'
    )
    return 0


def version():
    try:
        return importlib.metadata.version("fslkeras")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def command_line():
    """The parser of the command line."""
    about = "Without a command, checks whether this computer is ready for the course."
    parser = argparse.ArgumentParser(prog="python -m fslkeras", description=about)
    parser.add_argument("--version", action="version", version=f"fslkeras {version()}")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="command")
    about = "write a sheet of paper for drawing your own alphabet"
    of_sheet = commands.add_parser("sheet", help=about, description=about)
    of_sheet.add_argument(
        "--characters",
        type=int,
        default=5,
        help="number of rows, one per character, 1..10 (default: 5)",
    )
    of_sheet.add_argument(
        "--copies",
        type=int,
        default=4,
        help="number of drawings per character, 1..8 (default: 4)",
    )
    of_sheet.add_argument(
        "--out",
        default="sheet.pdf",
        help="the file to write: .pdf, .png or .svg (default: sheet.pdf)",
    )
    return parser


def main(arguments=None):
    """Runs a command; returns the exit status."""
    options = command_line().parse_args(arguments)
    if options.command == "sheet":
        return sheet(options.characters, options.copies, options.out)
    from fslkeras.course.readiness import ready  # starts Keras, which takes seconds

    return ready()


if __name__ == "__main__":
    sys.exit(main())
