"""`python -m kaizen_eval` is the command `kaizen-eval`."""

from __future__ import annotations

import sys

from kaizen_eval.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
