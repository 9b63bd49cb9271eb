"""Strategies that `kaizen-eval check` is tried with, as text: each test writes them into a folder of its own."""

from __future__ import annotations

__all__ = ["STRATEGIES"]

STRATEGIES = '''\
import logging
import os
import signal
import sys
import threading
import time

from kaizen_eval.strategies import AsyncSingleShotStrategy, Strategy, Traits


class Good(Strategy):
    traits = Traits(calls_per_run=1)

    async def execute(self, signature, inputs, config):
        return await self.llm_call(signature, inputs, config)


class Undeclared(Strategy):
    async def execute(self, signature, inputs, config):
        return await self.llm_call(signature, inputs, config)


class Stubborn(Strategy):
    """Asks again whatever went wrong."""

    async def execute(self, signature, inputs, config):
        try:
            return await self.llm_call(signature, inputs, config)
        except Exception:
            return await self.llm_call(signature, inputs, config)


class Talking(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        print("asking")
        print("oops", file=sys.stderr)
        logging.getLogger("my.app").warning("careful")
        threading.Thread(target=time.sleep, args=(60,), name="worker", daemon=True).start()
        return await super().execute(signature, inputs, config)


class Endless(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        while True:
            pass


class Sleeping(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        try:
            return await super().execute(signature, inputs, config)
        except Exception:
            time.sleep(60)


class Waiting(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        thread = threading.Thread(target=forever, daemon=True)
        thread.start()
        thread.join()


def forever():
    while True:
        time.sleep(0.1)


class Deaf(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        time.sleep(60)


class Leaving(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        sys.exit(3)


class Dying(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        os._exit(7)


class Chatty(AsyncSingleShotStrategy):
    async def execute(self, signature, inputs, config):
        return await super().execute(signature, {"question": input()}, config)
'''
