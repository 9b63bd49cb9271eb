"""Which names say that their value is secret, and how surely."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

__all__ = ["CONTAINERS", "Level", "level_of", "level_of_variable", "squeezed"]


class Level(IntEnum):
    """How surely a name says that its value is secret."""

    NONE = 0
    WEAK = 1
    """Secret if the value looks like it: eight characters or more that are no ordinary words."""
    STRONG = 2
    """Secret whatever the value is."""


_STRONG = (
    "accesskey accesskeyid accesstoken accountkey apikey apisecret apitoken appsecret authkey authorization authtoken "
    "bearertoken bottoken clientsecret connectionstring consumersecret cookie credential csrftoken encryptionkey "
    "hmackey idtoken licensekey masterkey oauthtoken passphrase passwd password privatekey pwd refreshtoken "
    "secret secretaccesskey secretkey securitytoken servicekey sessionkey sessiontoken setcookie sharedaccesskey "
    "signingkey subscriptionkey webhooksecret xsrftoken"
)
_STRONG_ENDS = tuple(_STRONG.split())
_WEAK_NAMES = (
    "apikeys auth cookies credentials jwt openaiorganization openaiproject organization "
    "organizationid orgid passwords projectid secrets session sessionid token "
    "xauth"
)
_WEAK = frozenset(_WEAK_NAMES.split())
_WEAK_ENDS = ("token", "sessionid", "organizationid", "orgid", "projectid", "openaiorganization", "openaiproject")
CONTAINERS = frozenset({"apikeys", "cookies", "credentials", "passwords", "secrets"})
"""Names of objects in which every value is looked at as if its own name were weakly secret."""
_PAGED = (
    "ban begin bos cancellation class cls completion continuation count end eos eot extra first last mask "
    "max min new next none num pad page pagination per prev previous prompt resume sep separator special "
    "start stop sync target text type unk word"
)
_NO_TOKEN = frozenset(_PAGED.split())
"""Before `token`: what a tokenizer or a list of pages has."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TELLING = "APIKEY AUTH COOKIE CREDENTIAL CREDENTIALS JWT KEY PASS PASSPHRASE PASSWD PASSWORD PAT SECRET SECRETS TOKEN"
_IN_VARIABLES = frozenset(_TELLING.split())
_HARMLESS = (
    "AUTHOR BUS DIR ENDPOINT FILE FILES FINGERPRINT HOST HOSTS ID LANG LAYOUT LENGTH MODE MODEL NAME PATH "
    "PATHS PID PORT PUB PUBLIC REGION SOCK SOCKET TTY TYPE URL USER USERNAME"
)
_NOT_IN_VARIABLES = frozenset(_HARMLESS.split())
"""Words of variables that say where a secret is, or whose, and not which."""


@lru_cache(maxsize=4096)
def squeezed(name: str) -> str:
    """A name in one spelling: `API-Key`, `apiKey` and `api_key` are `apikey`."""
    return "".join(character for character in name.lower() if character.isalnum())


@lru_cache(maxsize=4096)
def level_of(name: str, own: frozenset[str] = frozenset()) -> Level:
    """How surely a field, header or parameter of that name is secret.

    Args:
        name: in any spelling.
        own: squeezed names that are strongly secret besides the known ones.
    """
    if len(name) > 100:
        return Level.NONE
    short = squeezed(name)
    if short in own or short.endswith(_STRONG_ENDS):
        return Level.STRONG
    if short in _WEAK or (short.endswith(_WEAK_ENDS) and not _counts(name)):
        return Level.WEAK
    return Level.NONE


def level_of_variable(name: str) -> Level:
    """How surely an environment variable of that name holds a secret.

    `OPENAI_API_KEY` and `GITHUB_TOKEN` do; `SSH_AUTH_SOCK`, `TOKENIZERS_PARALLELISM`, `XDG_SESSION_ID` and
    `PWD` do not. `OPENAI_ORG_ID` and `OPENAI_PROJECT_ID` hold what no cassette should tell either.
    """
    upper = name.upper()
    words = set(upper.split("_"))
    if squeezed(name) in {"pwd", "oldpwd"}:
        return Level.NONE
    if squeezed(name).endswith(
        ("accesskeyid", "openaiorgid", "openaiorganization", "openaiprojectid", "openaiproject")
    ):
        return Level.STRONG
    if words & _NOT_IN_VARIABLES:
        return Level.NONE
    is_secret = words & _IN_VARIABLES or upper.endswith(("APIKEY", "PASSWORD", "SECRET", "TOKEN", "PWD"))
    return Level.STRONG if is_secret else Level.NONE


def _counts(name: str) -> bool:
    """Whether a name that ends in `token` is of a tokenizer's or a pager's."""
    words = [word.lower() for word in _WORD.findall(name)]
    return len(words) > 1 and words[-1] == "token" and words[-2] in _NO_TOKEN
