"""One measurement in a process of its own, where no other framework's threads and memory are."""

import json
import os
import subprocess
import sys
from pathlib import Path


def alone(script, *arguments, **environment):
    """The result that a benchmark prints as JSON in its last line.

    Args:
        script: its file, which takes `--one` and the arguments.
        *arguments: what to measure, passed on as strings.
        **environment: further environment variables.
    Returns:
        The result, whatever JSON holds.
    """
    own = {
        "PYTHONPATH": os.pathsep.join(
            [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH", "")]
        ),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, script, "--one", *map(str, arguments)]
    ran = subprocess.run(
        command, env={**os.environ, **own, **environment}, stdout=subprocess.PIPE, check=True
    )
    return json.loads(ran.stdout.splitlines()[-1])
