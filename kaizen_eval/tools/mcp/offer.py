"""From a server's list of tools to the tools that an agent is offered."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from kaizen_eval.errors import ConfigError, ToolDefinitionError
from kaizen_eval.tools.definition import Tool

__all__ = ["Call", "Offer"]

Call = Callable[[str, dict[str, Any]], Awaitable[Any]]
"""Executes the server's tool of this name with these arguments."""

_logger = logging.getLogger("kaizen_eval")
_LONGEST_NAME = 64
_PREFIX = re.compile(r"[a-zA-Z0-9_-]{0,40}")


class Offer:
    """Which tools of a server are offered, and how."""

    def __init__(  # noqa: PLR0913 - what makes it differ
        self,
        *,
        server: str,
        allow: Collection[str] | None,
        exclude: Collection[str],
        prefix: str,
        idempotent: bool | None,
        settings: Mapping[str, Any],
    ) -> None:
        _check_names("allow", () if allow is None else allow)
        _check_names("exclude", exclude)
        if not _PREFIX.fullmatch(prefix):
            raise ConfigError(f"prefix takes up to 40 letters (a-z), digits, '_' and '-', not {prefix!r}.")
        self._server = server
        self._allow = None if allow is None else frozenset(allow)
        self._exclude = frozenset(exclude)
        self._prefix = prefix
        self._idempotent = idempotent
        self._settings = settings
        self._warned: set[str] = set()
        self._check_settings()

    def tools(self, listed: Sequence[Mapping[str, Any]], call: Call) -> tuple[Tool, ...]:
        """One for each entry that can be offered; of another the log is told, once."""
        made: dict[str, Tool] = {}
        for entry in listed:
            if self._is_wanted(entry["name"]):
                self._add(made, entry, call)
        return tuple(made.values())

    def leave_out(self, name: object, reason: object) -> None:
        """Tell the log, once, that a tool is not offered."""
        first = str(reason).partition("\n")[0]
        text = f"the tool {name!r} of the server {self._server} is left out: {first}"
        if text not in self._warned:
            self._warned.add(text)
            _logger.warning(text)

    def _is_wanted(self, name: str) -> bool:
        return name not in self._exclude and (self._allow is None or name in self._allow)

    def _add(self, made: dict[str, Tool], entry: Mapping[str, Any], call: Call) -> None:
        try:
            tool = self._tool(entry, call)
        except ToolDefinitionError as error:
            self.leave_out(entry["name"], error)
            return
        if tool.name in made:
            self.leave_out(entry["name"], f"another one has become {tool.name!r}, too; exclude one of them.")
        else:
            made[tool.name] = tool

    def _tool(self, entry: Mapping[str, Any], call: Call) -> Tool:
        name = entry["name"]

        async def remote(**arguments: Any) -> Any:
            return await call(name, arguments)

        remote.__module__, remote.__qualname__ = self._server, name  # as it is named where names clash
        hints = entry.get("annotations") or {}
        return Tool(
            remote,
            name=_fitting(self._prefix + name),
            description=entry.get("description") or hints.get("title") or entry.get("title") or "",
            parameters={"type": "object", **entry["inputSchema"]},
            idempotent=_is_idempotent(hints) if self._idempotent is None else self._idempotent,
            **self._settings,
        )

    def _check_settings(self) -> None:
        """Refuse here what no tool could have."""
        try:
            self._tool({"name": "any", "inputSchema": {}}, _never)
        except ToolDefinitionError as error:
            reason = error.__cause__ or error
            raise ConfigError(f"MCPServer({self._server}) cannot work: {reason}") from error


def _is_idempotent(hints: Mapping[str, Any]) -> bool:
    return hints.get("readOnlyHint") is True or hints.get("idempotentHint") is True


def _fitting(name: str) -> str:
    """As models' services take it; MCP has more signs, and longer names."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:_LONGEST_NAME]


def _check_names(option: str, names: object) -> None:
    if isinstance(names, str) or not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{option} takes a list of names of tools, not {names!r}.")


async def _never(_name: str, _arguments: dict[str, Any]) -> Any:
    raise NotImplementedError
