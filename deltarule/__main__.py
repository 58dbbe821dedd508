"""``python -m deltarule``: the command of the package."""

import sys

from .programs.command import main

if __name__ == "__main__":
    sys.exit(main())
