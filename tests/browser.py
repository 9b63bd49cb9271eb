"""A headless Chromium, driven over its DevTools pipe: opens pages, presses keys, and tells what is seen."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

__all__ = ["CHROMIUM", "Browser", "Page", "chromium"]

PATIENCE = 20.0
"""Seconds after which a test that waits fails."""
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --mute-audio --no-first-run "
    "--disable-background-networking --disable-component-update --disable-extensions --disable-sync "
    "--disable-features=Translate,MediaRouter,OptimizationHints --remote-debugging-pipe"
)
_KEYS = {"ArrowDown": 40, "ArrowUp": 38, "End": 35, "Enter": 13, "Escape": 27, "Home": 36, "Tab": 9}


class Browser:
    """One process; its file descriptors 3 and 4 take commands and give answers."""

    def __init__(self, program: str, profile: Path) -> None:
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        quiet = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1, 2)]
        # first far away, as a pipe may itself be 3 or 4
        moved = [(os.POSIX_SPAWN_DUP2, commands, 103), (os.POSIX_SPAWN_DUP2, answers, 104)]
        moved += [(os.POSIX_SPAWN_DUP2, 103, 3), (os.POSIX_SPAWN_DUP2, 104, 4)]
        arguments = [program, *_FLAGS.split(), f"--user-data-dir={profile}", "about:blank"]
        self._pid = os.posix_spawn(program, arguments, os.environ, file_actions=[*quiet, *moved], setpgroup=0)
        os.close(commands)
        os.close(answers)
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []
        """What the browser told without being asked."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._write)
        os.close(self._read)

    def ask(self, method: str, *, session: str | None = None, **given: Any) -> dict[str, Any]:
        """The answer to one command."""
        self._number += 1
        said: dict[str, Any] = {"id": self._number, "method": method, "params": given}
        if session is not None:
            said["sessionId"] = session
        os.write(self._write, json.dumps(said).encode() + b"\0")
        while (answer := self._told()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def wait_for(self, event: str, session: str) -> None:
        """Until it is told; what was told before counts."""
        while not any(told.get("method") == event and told.get("sessionId") == session for told in self.events):
            self.events.append(self._told())

    def _told(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], PATIENCE)
            assert ready, f"the browser says nothing; last: {self.events[-3:]}"
            part = os.read(self._read, 1 << 20)
            assert part, "the browser has ended"
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def page(self) -> Page:
        """A new tab."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        page = Page(self, self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Log"):
            page.ask(f"{domain}.enable")
        page.ask("Emulation.setFocusEmulationEnabled", enabled=True)
        return page


class Page:
    """One tab."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        return self._browser.ask(method, session=self._session, **given)

    def open(self, url: str) -> Self:
        self._browser.events.clear()
        if "loaderId" in self.ask("Page.navigate", url=url):  # otherwise it is another place of the same page
            self._browser.wait_for("Page.loadEventFired", self._session)
        return self

    def look_at(self, *, width: int = 1280, height: int = 900, scheme: str = "light") -> Self:
        """In a window of this size; light or dark, as the reader's system says."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        return self

    def value(self, expression: str) -> Any:
        """Of a JavaScript expression; of a promise, what comes of it."""
        told = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, expression: str) -> Any:
        """The value of an expression, once it is true; looked at before each frame."""
        return self.value(
            "new Promise((tell) => { const look = () => { const is = "
            f"({expression}); is ? tell(is) : requestAnimationFrame(look) }}; look() }})"
        )

    def press(self, key: str) -> Self:
        given: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS.get(key, ord(key[0]))}
        if len(key) == 1:
            given["text"] = key
        if key == "Enter":
            given["text"] = "\r"
        self.ask("Input.dispatchKeyEvent", type="keyDown", **given)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **given | {"text": ""})
        return self

    def write(self, text: str) -> Self:
        self.ask("Input.insertText", text=text)
        return self

    def click(self, selector: str) -> Self:
        """With the mouse, in the middle of the first element that is found."""
        name = json.dumps(selector)
        x, y = self.until(
            f"((it) => {{ if (!it) return null; it.scrollIntoView({{block: 'nearest'}}); "
            "const box = it.getBoundingClientRect(); return box.width && "
            f"[box.x + box.width / 2, box.y + box.height / 2] }})(document.querySelector({name}))"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        return self

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    @property
    def complaints(self) -> list[str]:
        """Errors that the page or the browser logged, also of what its policy forbids."""
        told = [event for event in self._browser.events if event.get("sessionId") == self._session]
        logged = [event["params"]["entry"]["text"] for event in told if event["method"] == "Log.entryAdded"]
        thrown = [
            event["params"]["exceptionDetails"]["exception"].get("description", "")
            for event in told
            if event["method"] == "Runtime.exceptionThrown"
        ]
        return logged + thrown


@contextmanager
def chromium(profile: Path) -> Iterator[Browser]:
    assert CHROMIUM is not None, "there is no Chromium on the PATH"
    with Browser(CHROMIUM, profile) as browser:
        yield browser
