"""The rehearsal: whether a command can be judged, by what it does when every request is answered at once."""

from __future__ import annotations

from kaizen_eval.conformance.clients.environment import BASE_URL_VARIABLES, PLACE
from kaizen_eval.conformance.clients.seen import Seen
from kaizen_eval.errors import UsageError

__all__ = ["refuse_unfit"]

_LINES = 12
"""Of its output that are shown."""
_CONTRACT = "It is to ask once, print the answer and exit with 0, or with another code where there is no answer."


def refuse_unfit(seen: Seen) -> None:
    """Refuse, with a UsageError, a command that asks nothing, never ends, or fails although it was answered."""
    why = _why_unfit(seen)
    if why is not None:
        raise UsageError("\n".join([why, *_output("stdout", seen.stdout), *_output("stderr", seen.stderr)]))


def _why_unfit(seen: Seen) -> str | None:
    if seen.ended == "timeout":
        return (
            f"The command still ran after {seen.terms.timeout:g} s, although {_asked(seen)}. {_CONTRACT} If it only "
            "takes long: --timeout."
        )
    if seen.ended in {"attempts", "output"}:
        return f"The command {seen.came_out()}, although every request is answered at once. {_CONTRACT}"
    if not seen.exchanges:
        variables = " or ".join(BASE_URL_VARIABLES)
        return (
            f"The command made no request to the fake (it exited with {seen.exit_code}): does it read {variables}? "
            f"Where it takes an argument, {PLACE} in that stands for the URL."
        )
    if not seen.attempts:
        return f"No request of the command is one that the API takes: {_refused(seen)}"
    if seen.exit_code != 0:
        return f"The command exited with {seen.exit_code}, although every request was answered. {_CONTRACT}"
    return None


def _asked(seen: Seen) -> str:
    return "every request was answered at once" if seen.exchanges else "it asked nothing of the fake"


def _refused(seen: Seen) -> str:
    reasons = [each.refused for each in seen.exchanges if each.refused is not None]
    told = "; ".join(dict.fromkeys(f"{reason.asked}: {reason}" if reason.asked else str(reason) for reason in reasons))
    hint = " The base URL ends in /v1, and the path follows it." if any(each.status == 404 for each in reasons) else ""
    return f"{told.rstrip('.')}.{hint}"


def _output(name: str, text: str) -> list[str]:
    lines = text.rstrip().splitlines()
    if not lines:
        return []
    left_out = ["  …"] if len(lines) > _LINES else []
    return [f"Its {name}:", *left_out, *(f"  {line}" for line in lines[-_LINES:])]
