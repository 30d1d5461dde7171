"""Where the files lie that the course brings along: the data, the measured results, the trained networks."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
# In an installed package the data lie inside it, in a checkout of the repository beside it.
DATA = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent / "data"
