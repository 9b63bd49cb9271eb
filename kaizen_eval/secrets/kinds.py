"""The kinds of secret that are looked for, in a table that the documents print."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = [
    "ACCOUNT",
    "BEARER",
    "CUSTOM",
    "ENVIRONMENT",
    "KINDS",
    "NAMED",
    "SEEN",
    "TELLING",
    "URL_PASSWORD",
    "Finding",
    "Kind",
]

NAMED: Final = "named secret"
TELLING: Final = "secret after a telling name"
ENVIRONMENT: Final = "value of an environment variable"
SEEN: Final = "credential seen elsewhere"
CUSTOM: Final = "own rule"
BEARER: Final = "authorization"
URL_PASSWORD: Final = "password in a URL"  # noqa: S105 - the kind's name
ACCOUNT: Final = "account id"


class Kind(NamedTuple):
    """A row of the table."""

    name: str
    sentence: str
    """What it looks like, for readers."""


class Finding(NamedTuple):
    """Where a secret is, and of what kind; never which."""

    where: str
    """`response.body.choices[0].message.content`, say."""
    kind: str
    """The name of one of `KINDS`."""


KINDS: Final[tuple[Kind, ...]] = (
    Kind(NAMED, "The value of a header, query parameter, field or form field whose name says that it is secret."),
    Kind(TELLING, "Eight characters or more of letters and digits after such a name in running text: `api_key=…`."),
    Kind(ENVIRONMENT, "The value of a secret-named environment variable, plain, percent-encoded, in base64 or in hex."),
    Kind(SEEN, "What the same request sends as a credential, wherever else it stands."),
    Kind(CUSTOM, "What a regular expression among your own `redact` entries matches."),
    Kind(BEARER, "What follows `Bearer`, and `Basic` where it holds a user and a password."),
    Kind(URL_PASSWORD, "The password of a URL with a user in it: `postgres://user:…@host`."),
    Kind(ACCOUNT, "OpenAI's ids of organizations, projects and users: `org-…`, `proj_…`, `user-…`."),
    Kind("private key", "A PEM, OpenSSH or PGP block from `BEGIN … PRIVATE KEY` to its end."),
    Kind("JSON web token", "Two parts that begin with `eyJ`, and what follows them."),
    Kind("OpenAI key", "`sk-…` of 16 characters or more, also masked with asterisks in an error message."),
    Kind("Anthropic key", "`sk-ant-…`."),
    Kind("OpenRouter key", "`sk-or-…`."),
    Kind("Google key", "`AIza…`, `ya29.…` and `GOCSPX-…`."),
    Kind("AWS key", "`AKIA…`, `ASIA…` and other ids of access keys, and Bedrock's `ABSK…`."),
    Kind("Azure key", "`AccountKey=…`, `SharedAccessKey=…`, the `sig=…` of shared access, and keys of Azure AI."),
    Kind("GitHub token", "`ghp_…`, `gho_…`, `ghu_…`, `ghs_…`, `ghr_…` and `github_pat_…`."),
    Kind("GitLab token", "`glpat-…` and its relatives."),
    Kind("Slack token", "`xoxb-…` and its relatives, `xapp-…`, and the addresses of webhooks."),
    Kind("Stripe key", "`sk_live_…`, `rk_test_…`, `whsec_…`."),
    Kind("Hugging Face token", "`hf_…`."),
    Kind("Groq key", "`gsk_…`."),
    Kind("xAI key", "`xai-…`."),
    Kind("npm token", "`npm_…`."),
    Kind("PyPI token", "`pypi-…`."),
    Kind("SendGrid key", "`SG.….…`."),
    Kind("Twilio key", "`SK` or `AC` before 32 hexadecimal digits."),
    Kind("Telegram token", "A bot's number, a colon and 35 characters."),
    Kind(
        "service token",
        "Tokens of other services with a prefix of their own: Perplexity, Replicate, NVIDIA, Fireworks, Cerebras, "
        "Tavily, LangSmith, Langfuse, Jina, Pinecone, Databricks, Docker, DigitalOcean, Notion, Linear, Shopify, "
        "Sentry, New Relic, Grafana, Supabase, age.",
    ),
)
