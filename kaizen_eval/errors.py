"""Every exception that kaizen-eval raises on purpose.

KaizenError(Exception)
├── UsageError                             the caller's code is wrong; never retried
│   ├── SignatureDefinitionError(TypeError)    a Signature class that cannot work
│   ├── ConfigError(ValueError)                a setting that cannot work
│   ├── InputError(ValueError)                 inputs that do not fit the InputFields
│   ├── ToolDefinitionError(TypeError)         a function that cannot be a tool, or two tools of one name
│   ├── HandOffCycle(.path)                    an agent was handed its own question
│   ├── NeedsVirtualTime                       time is real, and this would take too long
│   ├── NothingFits(ValueError)                a schema of which no values can be generated
│   ├── ScriptError(ValueError)                a fake's script that cannot work
│   ├── DatasetError(ValueError, .path, .line)  cases that no evaluation can take
│   ├── EvaluationBusy(.path)                  somebody else writes this evaluation
│   ├── EvaluationExists(.path)                the folder holds an evaluation already
│   ├── Incomparable(ValueError)               two evaluations of unlike things
│   ├── WorkflowError(ValueError, .problems)   a workflow that cannot work
│   ├── WorkflowBusy(.run_id)                  somebody else executes this run
│   └── ScriptMiss(.nearest, .differed)        the fake has rules and none matches
├── CannotJudge(.usage, .cost)             a scorer lacks what it needs, such as a price
├── Deadlock                               on virtual time, nothing can ever wake what waits
├── EvaluationError(.path)                 an evaluation's folder does not hold what is asked of it, or takes nothing
│   ├── EvaluationMissing                      there is none
│   ├── EvaluationUnwritable                   the disk is full, or the folder read-only
│   ├── CasesMissing(.path, .missing)          planned, and not reported
│   ├── LogTooNew                              written by a later version
│   └── LogCorrupt(.path, .line)               the log is torn, foreign or changed
├── RecordingError(.path)                  a cassette does not hold what is asked of it, or may not be written
│   ├── CassetteMissing                        there is no file to replay
│   ├── CassetteMiss                           no exchange of it is for this request
│   ├── CassetteUnused                         exchanges that nobody asked for
│   ├── CassetteStale                          older than it may be
│   ├── CassetteDrifted                        the real service answers otherwise than recorded
│   ├── CassetteBusy                           somebody else records it
│   ├── CassetteCorrupt(.path, .line)          the file is torn, foreign or changed
│   └── SecretFound                            a secret would be written
└── RunError                               the call was right, the run failed
    ├── RunTimeout(TimeoutError)               the run's deadline passed
    │   └── WorkflowTimeout(.results, .run_id)     that of a whole workflow
    ├── NodeFailed(.node, .item, .results, .run_id)    a node of a workflow failed; its error is the cause
    │   ├── NodeOverBudget(BudgetExceeded)         a budget has been used up
    │   └── NodeTimeout(TimeoutError)              its own time was over
    ├── CheckpointFailed(.path)                a file of checkpoints cannot be read or written, or takes no such result
    ├── BudgetExceeded(.limit, .spent)         a budget has been used up
    ├── StepLimitReached(.steps)               the model went on calling tools
    ├── RepeatedToolCall(.tool, .arguments)    the model made the same call again and again
    ├── ToolFailed(.tool, .tool_call_id)       a tool whose errors are raised failed
    ├── ToolServerFailed                       a server of tools cannot be reached or understood
    ├── MemoryFailed(.path)                    a file of sessions cannot be read or written
    ├── OutputError                            the reply does not fit the OutputFields
    │   └── EmptyReply | UnexpectedToolCall | ReplyDoesNotFit | OutputTruncated
    └── ProviderError(.status, .request_id, .body, .retry_after, .should_retry, .received)
        ├── TransientError
        │   └── RateLimited | ServerFailed | ConnectionLost | BadResponse | AttemptTimeout(TimeoutError)
        └── RequestRejected
            └── AuthenticationFailed | PermissionDenied | NotFound | ContextTooLong | QuotaExceeded
                | ContentFiltered | Refused

`OutputError` is not a ValueError: for callers a ValueError means bad *input*. Every exception can be pickled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AttemptTimeout",
    "AuthenticationFailed",
    "BadResponse",
    "BudgetExceeded",
    "CannotJudge",
    "CasesMissing",
    "CassetteBusy",
    "CassetteCorrupt",
    "CassetteDrifted",
    "CassetteMiss",
    "CassetteMissing",
    "CassetteStale",
    "CassetteUnused",
    "CheckpointFailed",
    "ConfigError",
    "ConnectionLost",
    "ContentFiltered",
    "ContextTooLong",
    "DatasetError",
    "Deadlock",
    "EmptyReply",
    "EvaluationBusy",
    "EvaluationError",
    "EvaluationExists",
    "EvaluationMissing",
    "EvaluationUnwritable",
    "HandOffCycle",
    "Incomparable",
    "InputError",
    "KaizenError",
    "LogCorrupt",
    "LogTooNew",
    "MemoryFailed",
    "NeedsVirtualTime",
    "NodeFailed",
    "NodeOverBudget",
    "NodeTimeout",
    "NotFound",
    "NothingFits",
    "OutputError",
    "OutputTruncated",
    "PermissionDenied",
    "ProviderError",
    "QuotaExceeded",
    "RateLimited",
    "RecordingError",
    "Refused",
    "RepeatedToolCall",
    "ReplyDoesNotFit",
    "RequestRejected",
    "RunError",
    "RunTimeout",
    "ScriptError",
    "ScriptMiss",
    "SecretFound",
    "ServerFailed",
    "SignatureDefinitionError",
    "StepLimitReached",
    "ToolDefinitionError",
    "ToolFailed",
    "ToolServerFailed",
    "TransientError",
    "UnexpectedToolCall",
    "UsageError",
    "WorkflowBusy",
    "WorkflowError",
    "WorkflowTimeout",
]


class KaizenError(Exception):
    """The root: `except KaizenError` catches everything that this package raises on purpose."""


class UsageError(KaizenError):
    """The caller's code is wrong; trying again cannot help."""


class SignatureDefinitionError(UsageError, TypeError):
    """A Signature class cannot work as it is written."""


class ConfigError(UsageError, ValueError):
    """A setting is unknown, has the wrong type or is out of range."""


class InputError(UsageError, ValueError):
    """Inputs do not fit the signature's InputFields; raised before any request."""


class ToolDefinitionError(UsageError, TypeError):
    """A function or object cannot be a tool as it is, or two tools of one agent have the same name."""


class HandOffCycle(UsageError):
    """An agent was called as a tool inside its own run, or runs again and again inside of its own runs."""

    def __init__(self, message: str, *, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.path = path
        """Agents by their ids, from the outermost to the one that was called again."""


class NeedsVirtualTime(UsageError):
    """Time is real here, and what was begun would take longer than a test may, or looks at the virtual clock."""


class NothingFits(UsageError, ValueError):
    """Of a schema or a signature no values can be generated."""


class ScriptError(UsageError, ValueError):
    """A fake's script cannot work as it is written."""


class ScriptMiss(UsageError):
    """The fake has rules, and none matches the request."""

    def __init__(self, message: str, *, nearest: str | None = None, differed: str | None = None) -> None:
        super().__init__(message)
        self.nearest = nearest
        """The rule that came nearest, by its label; None where nobody said."""
        self.differed = differed
        """What that rule wanted and what came."""


class DatasetError(UsageError, ValueError):
    """Cases that cannot be evaluated. All that is wrong is told at once, each with its file and line."""

    def __init__(self, message: str, *, path: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.path = path
        """Of the dataset; empty for one made in Python."""
        self.line = line
        """Of the first thing that is wrong, from 1; None where no line can be named."""


class EvaluationBusy(UsageError):
    """Somebody else writes this evaluation."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class EvaluationExists(UsageError):
    """The folder holds an evaluation already: it is neither written over nor added to unasked."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class Incomparable(UsageError, ValueError):
    """Two evaluations of unlike things: the message says what differs."""


class WorkflowError(UsageError, ValueError):
    """A workflow cannot work as it is written: all that is wrong with it, at once."""

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
        """A sentence each."""


class WorkflowBusy(UsageError):
    """Another process, or another call, executes the run with this id at this moment."""

    def __init__(self, message: str, *, run_id: str = "") -> None:
        super().__init__(message)
        self.run_id = run_id


class CannotJudge(KaizenError):
    """A scorer lacks what it needs to judge an answer: a price, a request that was not kept, a grader that answers."""

    def __init__(self, message: str, *, usage: object = None, cost: object = None) -> None:
        super().__init__(message)
        self.usage = usage
        """A Usage: tokens that the scorer took all the same; None where it asked nobody."""
        self.cost = cost
        """USD, a Decimal: what they cost; None where it is not known."""


class Deadlock(KaizenError):
    """On virtual time: everything waits and nothing can ever wake it. The message lists what waits."""


class EvaluationError(KaizenError):
    """An evaluation's folder does not hold what is asked of it, or takes nothing more."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path
        """Of the folder, or of a file in it."""


class EvaluationMissing(EvaluationError):
    """There is no evaluation in this folder."""


class EvaluationUnwritable(EvaluationError):
    """What was to be kept cannot be written: a full disk, a read-only folder. All that was written before stands."""


class CasesMissing(EvaluationError):
    """Cases that were planned have no record: never taken for a smaller evaluation."""

    def __init__(self, message: str, *, path: str = "", missing: tuple[str, ...] = ()) -> None:
        super().__init__(message, path=path)
        self.missing = missing
        """The trials, as `case#repeat`."""


class LogTooNew(EvaluationError):
    """The log was written by a later version, which this one cannot read."""


class LogCorrupt(EvaluationError):
    """The log is torn in its middle, foreign or changed; it is not written to."""

    def __init__(self, message: str, *, path: str = "", line: int | None = None) -> None:
        super().__init__(message, path=path)
        self.line = line
        """Where, from 1."""


class RecordingError(KaizenError):
    """A cassette does not hold what is asked of it, or may not be written."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path
        """Of the cassette; empty where none is meant."""


class CassetteMissing(RecordingError):
    """There is no cassette to replay; the message says how to record it."""


class CassetteMiss(RecordingError):
    """No exchange of the cassette is for this request, or all that were are used up."""


class CassetteUnused(RecordingError):
    """A test has passed without asking for all that its cassette holds."""


class CassetteStale(RecordingError):
    """The cassette is older than its `max_age`."""


class CassetteDrifted(RecordingError):
    """The real service answers otherwise than the cassette."""


class CassetteBusy(RecordingError):
    """Somebody else is recording this cassette."""


class CassetteCorrupt(RecordingError):
    """The file is torn, foreign or changed; nothing of it is replayed, and it is not overwritten."""

    def __init__(self, message: str, *, path: str = "", line: int | None = None) -> None:
        super().__init__(message, path=path)
        self.line = line
        """Where, from 1; None where no line can be named."""


class SecretFound(RecordingError):
    """What was recorded holds a secret that could not be taken out: the cassette is not written."""


class RunError(KaizenError):
    """The call was right, and the run failed."""


class RunTimeout(RunError, TimeoutError):
    """The run did not finish within its `timeout`."""


class WorkflowTimeout(RunTimeout):
    """A workflow did not finish within its `timeout`; what had finished can be read."""

    def __init__(self, message: str, *, results: Mapping[str, Any] | None = None, run_id: str = "") -> None:
        super().__init__(message)
        self.results: Mapping[str, Any] = {} if results is None else results
        """By node id; of what had not ended as a whole, by `outer/inner` and `node[0]`."""
        self.run_id = run_id


class NodeFailed(RunError):
    """A node of a workflow failed; what it raised is the cause, and what had finished can be read."""

    def __init__(
        self,
        message: str,
        *,
        node: str = "",
        item: int | None = None,
        results: Mapping[str, Any] | None = None,
        run_id: str = "",
    ) -> None:
        super().__init__(message)
        self.node = node
        """Its id; of a node in a workflow inside, with those around it: `outer/inner`, or `outer[2]/inner`."""
        self.item = item
        """Of a node with `each`: the index of the item that it failed for, from 0."""
        self.results: Mapping[str, Any] = {} if results is None else results
        """By node id; of what had not ended as a whole, by `outer/inner` and `node[0]`."""
        self.run_id = run_id


class NodeTimeout(NodeFailed, TimeoutError):
    """A node of a workflow did not finish within its own `timeout`."""


class CheckpointFailed(RunError):
    """A file of checkpoints is foreign, damaged, locked or full, or a result cannot be kept in it."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class BudgetExceeded(RunError):
    """A budget is used up: what was to be done next was not begun."""

    def __init__(self, message: str, *, limit: str = "", spent: object = None) -> None:
        super().__init__(message)
        self.limit = limit
        """Which of the budget's limits: "max_cost", "max_tokens", "max_calls", "max_tool_calls" or "max_seconds"."""
        self.spent = spent
        """A `kaizen_eval.budgets.Spent`: what the budget's scope has spent so far."""


class NodeOverBudget(NodeFailed, BudgetExceeded):
    """A node of a workflow failed as a budget is used up: its own agent's, or one of all that is around it."""

    def __init__(  # noqa: PLR0913 - what both kinds of errors tell
        self,
        message: str,
        *,
        node: str = "",
        item: int | None = None,
        results: Mapping[str, Any] | None = None,
        run_id: str = "",
        limit: str = "",
        spent: object = None,
    ) -> None:
        super().__init__(message, node=node, item=item, results=results, run_id=run_id)
        self.limit = limit
        self.spent = spent


class StepLimitReached(RunError):
    """The model still called tools after `max_steps` steps."""

    def __init__(self, message: str, *, steps: int = 0) -> None:
        super().__init__(message)
        self.steps = steps


class RepeatedToolCall(RunError):
    """The model made the same call with the same arguments as often as the strategy lets it."""

    def __init__(self, message: str, *, tool: str = "", arguments: str = "") -> None:
        super().__init__(message)
        self.tool = tool
        self.arguments = arguments
        """JSON text."""


class ToolFailed(RunError):
    """A tool with `on_error="raise"` failed; what it raised is the cause. A tool may raise it in its own words."""

    def __init__(self, message: str, *, tool: str = "", tool_call_id: str = "") -> None:
        super().__init__(message)
        self.tool = tool
        self.tool_call_id = tool_call_id


class ToolServerFailed(RunError):
    """A server of tools (MCP) cannot be started or reached, or offers what cannot be used."""


class MemoryFailed(RunError):
    """The file in which sessions are kept is foreign, damaged, locked or full."""

    def __init__(self, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class OutputError(RunError):
    """The model's reply does not fit the signature's OutputFields."""

    def __init__(self, message: str, *, reply: str | None = None) -> None:
        super().__init__(message)
        self.reply = reply
        """The text that did not fit, whole; None when there was none."""


class EmptyReply(OutputError):
    """The reply holds no text."""


class UnexpectedToolCall(OutputError):
    """The reply calls a tool although none was offered, and holds no text."""


class ReplyDoesNotFit(OutputError):
    """The reply's text holds no value that fits the OutputFields."""


class OutputTruncated(OutputError):
    """The reply was cut at the token limit (`finish_reason` is "length"); never repaired."""


class ProviderError(RunError):
    """The model's provider did not answer as asked."""

    def __init__(  # noqa: PLR0913 - one argument for each thing an HTTP failure tells
        self,
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        body: object = None,
        retry_after: float | None = None,
        should_retry: bool | None = None,
        received: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        """HTTP status, None when no response came."""
        self.request_id = request_id
        """The provider's own id for the request (`x-request-id`)."""
        self.body = body
        """The error body as the provider sent it, parsed when it was JSON."""
        self.retry_after = retry_after
        """Seconds to wait that the provider asked for; None when it did not say."""
        self.should_retry = should_retry
        """`x-should-retry`: the provider's own word, over the usual rule; None when it did not say."""
        self.received = received
        """Of a stream that broke off: the text that had come; None where there was no stream."""


class TransientError(ProviderError):
    """A failure that may pass: tried again within the retry policy."""


class RateLimited(TransientError):
    """429: too many requests or tokens."""


class ServerFailed(TransientError):
    """408, 409, 425 or 5xx."""


class ConnectionLost(TransientError):
    """The connection was refused, reset or cut, or what came was not HTTP."""


class BadResponse(TransientError):
    """A success status with a body that is no chat completion."""


class AttemptTimeout(TransientError, TimeoutError):
    """No answer within `request_timeout`."""


class RequestRejected(ProviderError):
    """A failure that will not pass: never tried again."""


class AuthenticationFailed(RequestRejected):
    """401: the key is missing or wrong."""


class PermissionDenied(RequestRejected):
    """403: the key may not do this."""


class NotFound(RequestRejected):
    """404: no such model or endpoint."""


class ContextTooLong(RequestRejected):
    """The request holds more tokens than the model can read."""


class QuotaExceeded(RequestRejected):
    """429 with `insufficient_quota`: the account is out of money."""


class ContentFiltered(RequestRejected):
    """The provider's filter withheld the reply (`finish_reason` is "content_filter")."""


class Refused(RequestRejected):
    """The model refused to answer."""
