"""`python -m fslkeras`: the course's commands."""

import sys

from fslkeras.course.readiness import main

if __name__ == "__main__":
    sys.exit(main())
