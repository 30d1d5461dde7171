"""Where the package's own files are: the data, the measured results and the trained networks."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
# Inside an installed package; next to it in a clone of the repository.
DATA = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent / "data"
