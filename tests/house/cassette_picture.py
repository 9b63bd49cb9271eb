"""Makes docs/cassette.svg, a picture of docs/cassette.yaml: run this file; with `record`, that one too."""

from __future__ import annotations

import argparse
import html
import io
import re
import sys
from pathlib import Path

import openai
from rich.console import Console

from kaizen_eval import FakeLLM, Reply
from kaizen_eval.cli.cassettes.drawing import drawn
from kaizen_eval.recording import use_cassette
from kaizen_eval.recording.conversation import conversation_of
from kaizen_eval.recording.file import decode

__all__ = ["CASSETTE", "PICTURE", "picture", "texts"]

CASSETTE = Path(__file__).parents[2] / "docs" / "cassette.yaml"
PICTURE = CASSETTE.with_suffix(".svg")

_CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
_WEATHER = {"type": "function", "function": {"name": "weather", "parameters": _CITY}}


def picture() -> str:
    """The SVG of what `kaizen-eval cassettes show docs/cassette.yaml` prints."""
    console = Console(record=True, width=84, highlight=False, markup=False, file=io.StringIO())
    console.print("$ kaizen-eval cassettes show docs/cassette.yaml\n")
    for exchange in decode(CASSETTE.read_bytes(), path=str(CASSETTE)).exchanges:
        for part in drawn(exchange, conversation_of(exchange)):
            console.print(part)
    svg = console.export_svg(title="kaizen-eval", unique_id="cassette")
    return re.sub(r" *@font-face \{.*?\}\n", "", svg, flags=re.DOTALL) + "\n"  # nothing is fetched to show it


def texts(svg: str) -> list[str]:
    """What stands in a picture, whatever it looks like."""
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def _record() -> None:
    with _service().serve() as service, use_cassette(CASSETTE, "record"):
        client = openai.OpenAI(base_url=service.base_url, api_key="sk-proj-4gXq0Zt7Wb2LhVn9Rk5c")
        asked: list[dict[str, object]] = [{"role": "user", "content": "What is the weather in Oslo?"}]
        with client:
            called = client.chat.completions.create(model="gpt-4o", messages=asked, tools=[_WEATHER]).choices[0].message
            asked.append(called.model_dump(include={"role", "content", "tool_calls"}))
            result = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "4 degrees, rain"}
            streamed = client.chat.completions.create(
                model="gpt-4o", messages=[*asked, result], tools=[_WEATHER], stream=True
            )
            for _ in streamed:
                pass


def _service() -> FakeLLM:
    """It stands for a real one."""
    service = FakeLLM(latency="fast")
    service.fail("rate_limit", retry_after_ms=20).times(1)
    service.when(tool_result="rain").reply("It is 4 degrees in Oslo, and it rains. Take an umbrella.")
    service.otherwise(Reply(tool_calls=[{"name": "weather", "arguments": {"city": "Oslo"}}]))
    return service


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("record", nargs="?", choices=["record"], help="record the cassette anew")
    if parser.parse_args().record:
        _record()
    PICTURE.write_text(picture(), "utf-8")


if __name__ == "__main__":
    sys.exit(_main())
