"""Records a thousand calls, and says each number when its answer is there: `recording_child.py ours c.yaml`."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx2
from recorders import JSON, OURS, STOCK, URL, answer, question

__all__ = ["main"]

CALLS = 1000


def main(name: str, path: str) -> None:
    recorder = OURS if name == OURS.name else STOCK
    service = httpx2.MockTransport(lambda _: httpx2.Response(200, headers=JSON, content=answer(1)))
    with recorder.using(Path(path), "record", service) as transport:
        client = httpx2.Client(transport=transport)
        for number in range(CALLS):
            client.post(URL, headers=JSON, content=question(number)).read()
            print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
