"""Keeps every law: three attempts, waits with jitter or as told, one deadline over all; looks at what came."""

import json
import os
import random
import signal
import sys
import time
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

DEADLINE = 4
ATTEMPTS = 3
PASSING = {408, 409, 429, 500, 502, 503, 504}
QUESTION = {"model": "gpt-4o", "messages": [{"role": "user", "content": "What is the capital of France?"}]}


class Passing(Exception):
    """What may be tried again, after so many seconds."""

    def __init__(self, wait=None):
        super().__init__(wait)
        self.wait = wait


def told(headers):
    said = headers.get("retry-after")
    if said is None:
        return None
    return float(said) if said.isdecimal() else parsedate_to_datetime(said).timestamp() - time.time()


def asked():
    url = f"{os.environ['OPENAI_BASE_URL']}/chat/completions"
    try:
        return urlopen(Request(url, json.dumps(QUESTION).encode(), {"content-type": "application/json"})).read()
    except HTTPError as error:
        code = None if error.status >= 500 else json.load(error)["error"]["code"]
        if error.status in PASSING and code != "insufficient_quota":
            raise Passing(told(error.headers)) from error
        raise
    except (OSError, HTTPException) as error:
        raise Passing from error


def answer(body):
    choice = json.loads(body)["choices"][0]
    if choice["finish_reason"] != "stop" or not choice["message"]["content"]:
        sys.exit(f"no answer: {choice}")
    return choice["message"]["content"]


def late(*_):
    raise SystemExit("too late")


signal.signal(signal.SIGALRM, late)
signal.setitimer(signal.ITIMER_REAL, DEADLINE)
for attempt in range(ATTEMPTS):
    try:
        print(answer(asked()))
        break
    except Passing as passing:
        if attempt == ATTEMPTS - 1:
            raise
        wait = random.uniform(0.2, 0.4) * 2**attempt if passing.wait is None else passing.wait
        if wait > DEADLINE:
            raise
        time.sleep(wait)
