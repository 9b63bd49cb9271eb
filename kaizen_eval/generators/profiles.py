"""Profiles of hypothesis: how much is tried, and whether the same again."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, Verbosity, settings
from hypothesis.database import DirectoryBasedExampleDatabase

__all__ = ["CI", "DEV", "NIGHTLY", "register"]

CI = "ci"
"""The same examples each time, few of them: a red build is red for everybody, and again."""
DEV = "dev"
"""Other examples each time; what failed is kept, and tried first."""
NIGHTLY = "nightly"
"""Many other examples each time; what failed is kept, and tried first."""

_FOLDER = ".hypothesis/examples"


def register(*, load: str | None = None, folder: str | Path = _FOLDER) -> None:
    """Make the profiles known to hypothesis, for `--hypothesis-profile` and `settings.load_profile`, and load one.

    `folder` is where failures are kept: in a nightly job, one that is cached from run to run. Every failure prints
    what replays it, also where no database is left: a `@reproduce_failure` line.

    Raises:
        hypothesis.errors.InvalidArgument: there is no profile of the name to load.
    """
    # What is slow here is generated agents at work, and other programs: time says nothing of what is tested.
    # The profile in force is no parent: where the environment says CI, hypothesis loads one that never explores.
    patient = settings(
        settings.get_profile("default"),
        deadline=None,
        suppress_health_check=(HealthCheck.too_slow,),
        print_blob=True,
        derandomize=False,
    )
    kept = DirectoryBasedExampleDatabase(folder)
    settings.register_profile(CI, patient, max_examples=50, derandomize=True, database=None)
    settings.register_profile(DEV, patient, max_examples=50, database=kept)
    settings.register_profile(NIGHTLY, patient, max_examples=2_000, database=kept, verbosity=Verbosity.normal)
    if load is not None:
        settings.get_profile(load)  # load_profile would take an unknown name for the current one before it complains
        settings.load_profile(load)
