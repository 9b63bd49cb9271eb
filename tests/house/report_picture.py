"""Makes docs/report.png, a picture of the report on two real evaluations: run this file."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import chromium

from kaizen_eval.cli import main

__all__ = ["PICTURE", "page", "picture"]

PICTURE = Path(__file__).parents[2] / "docs" / "report.png"

_TUTORS = '''
from kaizen_eval import BaseAgent, InputField, OutputField, Signature


class Capitals(Signature):
    """Name the capital of the country, and say in one sentence what it is known for."""

    country: str = InputField()
    city: str = OutputField()
    known_for: str = OutputField()


def tutor():
    return BaseAgent({"model": "gpt-4o-mini"}, signature=Capitals)
'''
_CAPITALS = {
    "europe": {"Italy": "Rome", "France": "Paris", "Norway": "Oslo", "Spain": "Madrid", "Austria": "Vienna"},
    "asia": {"Japan": "Tokyo", "Nepal": "Kathmandu", "Turkey": "Ankara", "Kazakhstan": "Astana"},
    "americas": {"Peru": "Lima", "Canada": "Ottawa", "Brazil": "Brasilia", "Bolivia": "Sucre"},
    "oceania": {"Australia": "Canberra", "New Zealand": "Wellington", "Fiji": "Suva"},
}
_LAST_WEEK = {"Turkey": "Istanbul", "Canada": "Toronto", "Bolivia": "La Paz"}
_TODAY = {"Canada": "Toronto", "Australia": "Sydney"}


def page(folder: Path) -> Path:
    """Two evaluations, and the report on the second against the first."""
    (folder / "tutors.py").write_text(_TUTORS)
    (folder / "capitals.yaml").write_text(json.dumps(_dataset()))
    for name, wrong, fault in (("last-week", _LAST_WEEK, "Peru"), ("today", _TODAY, "Australia")):
        (folder / f"{name}.yaml").write_text(json.dumps(_script(wrong, fault)))
        given = ["--agent", "tutors:tutor", "--fake", f"{name}.yaml", "--out", f"runs/{name}", "--quiet"]
        main(["eval", "capitals.yaml", *given])
    main(["report", "runs/today", "--against", "runs/last-week", "-o", "report.html"])
    return folder / "report.html"


def _dataset() -> Mapping[str, object]:
    cases = [
        {
            "id": country.lower().replace(" ", "-"),
            "inputs": {"country": country},
            "expected": {"city": city},
            "tags": [tag],
        }
        for tag, countries in _CAPITALS.items()
        for country, city in countries.items()
    ]
    return {"name": "capitals", "signature": "tutors:Capitals", "scorers": ["normalised"], "cases": cases}


def _script(wrong: Mapping[str, str], fault: str) -> Mapping[str, object]:
    """Answers, some of them wrong; one country meets two faults and a reply that must be repaired."""
    countries = {country: city for each in _CAPITALS.values() for country, city in each.items()} | wrong
    answers = [
        {"when": {"user": country}, "reply": _reply(country, city, broken=country == fault)}
        for country, city in countries.items()
    ]
    faults = [
        {"when": {"user": fault}, "fail": {"rate_limit": {"retry_after": 1.5}}, "times": 1},
        {"when": {"user": fault}, "reply": "I would have to look that up.", "times": 1},
    ]
    return {
        "version": 1,
        "seed": 7,
        "latency": {"first": {"lognormal": {"median": 0.6, "sigma": 0.4}}},
        "rules": faults + answers,
    }


def _reply(country: str, city: str, *, broken: bool) -> Mapping[str, object]:
    said = json.dumps({"city": city, "known_for": f"{city} is where most people in {country} want to live."})
    return {"text": said.replace('"', "'") if broken else said}


def picture(folder: Path) -> None:
    with chromium(folder / "profile") as browser:
        shown = browser.page().look_at(width=1180, height=1060)
        shown.open(f"file://{page(folder)}#case=australia").until("document.querySelector('#case .waterfall')")
        shown.value("scrollTo(0, 0)")
        legend = "document.querySelector('#case .legend').getBoundingClientRect().bottom"
        shown.value(f"document.getElementById('detail').scrollTop += {legend} - innerHeight + 12")
        shown.value("new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(tell)))")
        shown.picture(PICTURE)


@contextlib.contextmanager
def _in_folder() -> Iterator[Path]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            yield Path(name)
        finally:
            os.chdir(before)


if __name__ == "__main__":
    with _in_folder() as place:
        picture(place)
