"""Landlock, the Linux kernel's way for a process to give up files for itself and for all that it starts, for good.

The numbers are those of `linux/landlock.h`; https://docs.kernel.org/userspace-api/landlock.html explains them."""

import ctypes
import os
import sys
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_READ = 1 << 0 | 1 << 2 | 1 << 3  # execute, read a file, list a folder
_ALL = (1 << 15) - 1  # further: write, truncate, make, link and remove
_OF_A_FILE = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14  # what a rule on a file may name: execute, write, read, truncate
_SCOPES = 1 << 0 | 1 << 1  # no abstract sockets and no signals to processes outside


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("filesystem", "network", "scopes")]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def _call(number, *arguments):
    result = ctypes.CDLL(None, use_errno=True).syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def version():
    """The version of Landlock here: 0 if there is none, and from 3 on (Linux 6.2) it covers every way to write to a file."""
    if sys.platform != "linux":
        return 0
    try:
        return _call(_CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0


def confine(readable, writable):
    """Takes from this process, and from all that it starts, every file but some.

    What it may still do elsewhere: ask whether a path exists, and change permissions and dates of files that are its user's.

    Args:
        readable: paths of files and folders that it may read, and whose programs it may run. One that is absent is passed over.
        writable: paths that it may also write to.
    Raises:
        OSError: if the kernel does not know Landlock.
    """
    ruleset = _Ruleset(_ALL, 0, _SCOPES if version() >= 6 else 0)
    rules = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.sizeof(ruleset), 0)
    for paths, allowed in ((readable, _READ), (writable, _ALL)):
        for path in filter(Path.exists, map(Path, paths)):
            folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
            rule = _PathBeneath(allowed if path.is_dir() else allowed & _OF_A_FILE, folder)
            _call(_ADD_RULE, rules, 1, ctypes.byref(rule), 0)
            os.close(folder)
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, without which the next call is refused
    _call(_RESTRICT_SELF, rules, 0)
    os.close(rules)


def adopt_orphans():
    """Makes this process the parent of every process whose own parent below it ends: none gets out of its sight."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
