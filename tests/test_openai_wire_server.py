"""Behind a real socket the OpenAI SDK makes of each fault what the table of faults says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import openai
import pytest
from house.faults_table import DATA, spoken, used

from kaizen_eval.fake import FAULTS, FakeLLM

ROWS = {row["name"]: row["sdk"] for row in json.loads(DATA.read_text("utf-8"))}
ENDLESS = [name for name, told in ROWS.items() if told["error"] == "APITimeoutError" or told["gives"] == "never ends"]
"""Where nothing is due: of these alone the client's patience is short."""
SHORT = {"read": 0.5, "whole": 0.8}
LONG = {"read": 20.0, "whole": 30.0}
"""Seconds of real ones, in which a server in this process sends what is due, however busy the machine."""


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeLLM, str]]:
    """One server for all; the seconds of the script are milliseconds."""
    fake = FakeLLM()
    with fake.serve(speed=1000) as server:
        yield fake, server.base_url


@pytest.mark.unmeasured
@pytest.mark.parametrize("name", FAULTS)
def test_the_sdk_makes_the_same_of_each_fault_over_a_socket(name, served):
    fake, base_url = served
    fake.reset()
    fake.fail(spoken(name))
    patience = SHORT if name in ENDLESS else LONG
    options = {"base_url": base_url, "timeout": patience["read"], "max_retries": 0}
    http = openai.DefaultAsyncHttpxClient(verify=False)  # a TLS context would take longer to make than all else
    came = asyncio.run(used(name, fake, patience=patience["whole"], http_client=http, **options))
    assert (came.error, came.gives) == (ROWS[name]["error"], ROWS[name]["gives"])
    assert [exchange.outcome for exchange in fake.journal.exchanges] == [name]
