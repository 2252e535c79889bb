"""Cuts a FEEL text into words, numbers, texts and signs (DMN 1.3, 10.3.1.2-10.3.1.4)."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.errors import N_
from engine.feel_limits import DIGITS, NUMBER_TOO_BIG, SOURCE, TOO_LONG, FeelError

KEYWORDS = frozenset(
    [
        "and",
        "or",
        "if",
        "then",
        "else",
        "in",
        "between",
        "true",
        "false",
        "null",
        "some",
        "every",
        "satisfies",
        "for",
        "return",
        "function",
        "instance",
        "external",
    ]
)

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*(?s:.*?)\*/)
      |(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)
      |(?P<text>"(?:[^"\\\n\r]|\\[^\n\r])*")
      |(?P<quoted>`[^`\n\r]+`)
      |(?P<name>[^\W\d]\w*)
      |(?P<sign>\.\.|\*\*|!=|<=|>=|->|[-+*/=<>()\[\]{},.:?@])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"""\\(?:(["'\\nrt])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6}))""")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word; `kind` is number, text, quoted, name, sign or end, `at` its first character counted from 1."""

    kind: str
    value: Any
    at: int


def tokens(source: str) -> list[Token]:
    """Return the words of a text, ended by one of kind "end". Raises FeelError with the place of the first bad sign."""
    if len(source) > SOURCE:
        raise FeelError(TOO_LONG, limit=SOURCE)
    found, at = [], 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise _unreadable(source, at)
        if match.lastgroup != "space":
            found.append(_token(str(match.lastgroup), match[0], at + 1))
        at = match.end()
    return [*found, Token("end", "", len(source) + 1)]


def _unreadable(source: str, at: int) -> FeelError:
    if source[at] == '"':
        return FeelError(
            N_("il testo che comincia al carattere %(position)s non ha le virgolette finali"), position=at + 1
        )
    return FeelError(
        N_("il segno «%(sign)s» al carattere %(position)s non è ammesso"), sign=source[at], position=at + 1
    )


def _token(kind: str, text: str, at: int) -> Token:
    if kind == "number":
        return Token(kind, _number(text, at), at)
    if kind == "text":
        return Token(kind, _unescape(text[1:-1], at), at)
    return Token(kind, " ".join(text[1:-1].split()) if kind == "quoted" else text, at)


def _number(text: str, at: int) -> Decimal:
    if len(text.replace(".", "").strip("0")) > DIGITS or len(text) > 4 * DIGITS:
        raise FeelError(NUMBER_TOO_BIG, limit=DIGITS, position=at)
    return Decimal(text)


def _unescape(text: str, at: int) -> str:
    if "\\" not in text:
        return text
    try:
        plain = _ESCAPE.sub(_escaped, text)
        # a character beyond U+FFFF may be written as two halves
        return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except (UnicodeError, ValueError, OverflowError):
        raise FeelError(
            N_("il testo al carattere %(position)s contiene un carattere che non esiste"), position=at
        ) from None


def _escaped(match: re.Match[str]) -> str:
    if match[1]:
        return _PLAIN.get(match[1], match[1])
    return chr(int(match[2] or match[3], 16))
