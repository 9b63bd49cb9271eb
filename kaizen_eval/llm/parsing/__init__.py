"""The steps by which `kaizen_eval.llm.parse` reads a reply: each module knows one of them."""
