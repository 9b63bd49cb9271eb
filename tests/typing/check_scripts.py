"""Scripts, as type checkers see them."""

from __future__ import annotations

import re
from typing import assert_type

from kaizen_eval.fake import GENERATED, PRESENT, Exactly, FakeLLM, Pick, RateLimit, Reply, Template
from kaizen_eval.fake.script.builder import Handle, When

llm = FakeLLM()
assert_type(llm.when(user="a", nth=2, header={"x-team": re.compile("red")}, stream=False), When[FakeLLM])
assert_type(llm.when(user=Exactly("a"), json={"$.n": PRESENT}, predicate=lambda request: request.seed), When[FakeLLM])
assert_type(llm.when(endpoint="embeddings").reply(Template("{{ user }}")), Handle[FakeLLM])
assert_type(llm.when(state="start").reply(GENERATED).to("paid"), Handle[FakeLLM])
assert_type(llm.when().steps([Reply("a"), Pick(["b"]), RateLimit()]).times(1, per="conversation"), FakeLLM)
assert_type(llm.load("script.yaml").script(["a"], per="conversation").otherwise("b"), FakeLLM)
assert_type(FakeLLM.from_file("script.yaml", seed=1), FakeLLM)
