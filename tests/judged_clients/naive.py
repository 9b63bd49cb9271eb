"""Asks until something comes, without waiting; whatever comes is its answer."""

import os
from urllib.request import Request, urlopen

BODY = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "What is the capital of France?"}]}'


def ask():
    url = f"{os.environ['OPENAI_BASE_URL']}/chat/completions"
    while True:
        try:
            return urlopen(Request(url, BODY, {"content-type": "application/json"})).read()
        except OSError:
            continue


print(ask())
