"""The few expressions of JUEL (Camunda 7, Flowable, Activiti) that mean exactly the same in FEEL.

Variables, their fields, literals, comparisons, and, or, not. Everything that calls something, calculates or chooses has
no translation: it is for a person to write again. A variable that stands for yes or no becomes `x = true`, because JUEL
takes what is unknown for no. JUEL also compares a text with a number by changing one of them; values of ours are typed.
"""

import re
from collections.abc import Callable
from typing import Final

from engine import feel

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|(?P<sign>==|!=|<=|>=|&&|\|\||[<>!()-]))"
)
_WHOLE: Final = re.compile(r"\s*[$#]\{(?P<inside>[^{}]*)\}\s*", re.DOTALL)
_WORDS: Final = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "and": "&&",
    "or": "||",
    "not": "!",
}
_FEEL: Final = {"==": "=", "&&": "and", "||": "or"}
_LITERALS: Final = frozenset({"true", "false", "null"})
# What other engines put into every expression; here there is no such thing.
_THEIRS: Final = frozenset(
    {"execution", "task", "now", "dateTime", "connector", "authenticatedUserId", "empty", "div", "mod"}
)
LONGEST: Final = 1_000
_SPANS: Final = {
    "Years": "P{}Y",
    "Months": "P{}M",
    "Weeks": "P{}W",
    "Days": "P{}D",
    "Hours": "PT{}H",
    "Minutes": "PT{}M",
}
_LATER: Final = re.compile(r"\s*[$#]\{\s*(?:dateTime\(\)|now\(\))\.plus(\w+)\((\d{1,4})\)(?:\.toDate\(\))?\s*\}\s*")


class _Untranslatable(Exception):
    """There is no exact equivalent."""


def is_juel(text: str) -> bool:
    """Return whether a text is, or holds, an expression of JUEL."""
    return "${" in text or "#{" in text


def to_feel(text: str, *, condition: bool = False) -> str | None:
    """Return the FEEL for `${...}`, or None if nothing means exactly the same; `condition`: it must be yes or no."""
    whole = _WHOLE.fullmatch(text) if len(text) <= LONGEST else None
    if whole is None:
        return None
    try:
        reader = _Reader(_tokens(whole["inside"]))
        found, is_yes_or_no = reader.either()
        reader.end()
        made = found if is_yes_or_no or not condition else f"{found} = true"
        feel.compile(made)
    except (_Untranslatable, feel.FeelError, RecursionError):
        return None
    return made


def to_span(text: str) -> str | None:
    """Return the ISO duration for `${dateTime().plusDays(3).toDate()}` and the like, or None."""
    match = _LATER.fullmatch(text)
    return _SPANS[match[1]].format(int(match[2])) if match and match[1] in _SPANS else None


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise _Untranslatable
        kind, word = match.lastgroup, match[match.lastgroup]
        found.append(("sign", _WORDS[word]) if kind == "name" and word in _WORDS else (kind, word))
        at = match.end()
    return found


class _Reader:
    """Reads tokens by the precedence of JUEL; each method returns FEEL and whether it is yes or no."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens[::-1]

    def end(self) -> None:
        if self.tokens:
            raise _Untranslatable

    def either(self) -> tuple[str, bool]:
        return self._joined("||", self.both)

    def both(self) -> tuple[str, bool]:
        return self._joined("&&", self.equal)

    def equal(self) -> tuple[str, bool]:
        return self._compared(("==", "!="), self.ordered)

    def ordered(self) -> tuple[str, bool]:
        return self._compared(("<", "<=", ">", ">="), self.unary)

    def unary(self) -> tuple[str, bool]:
        if self._next("!"):
            inner, _ = self.unary()
            return f"not(({inner}) = true)" if " " in inner else f"not({inner} = true)", True
        if self._next("-"):
            kind, word = self._take()
            if kind != "number":
                raise _Untranslatable
            return f"-{word}", False
        return self.primary()

    def primary(self) -> tuple[str, bool]:
        if self._next("("):
            inner, is_yes_or_no = self.either()
            if not self._next(")"):
                raise _Untranslatable
            return f"({inner})", is_yes_or_no
        kind, word = self._take()
        if kind == "text":
            return _quoted(word), False
        if kind == "name" and (word.partition(".")[0] in _THEIRS or self.tokens[-1:] == [("sign", "(")]):
            raise _Untranslatable
        if kind not in ("name", "number"):
            raise _Untranslatable
        return word, word in _LITERALS - {"null"}

    def _joined(self, sign: str, part: Callable[[], tuple[str, bool]]) -> tuple[str, bool]:
        found, is_yes_or_no = part()
        while self._next(sign):
            more, more_is = part()
            left = found if is_yes_or_no else f"{found} = true"
            found, is_yes_or_no = f"{left} {_FEEL[sign]} {more if more_is else f'{more} = true'}", True
        return found, is_yes_or_no

    def _compared(self, signs: tuple[str, ...], part: Callable[[], tuple[str, bool]]) -> tuple[str, bool]:
        found, is_yes_or_no = part()
        for sign in signs:
            if self._next(sign):
                more, _ = part()
                return f"{found} {_FEEL.get(sign, sign)} {more}", True
        return found, is_yes_or_no

    def _next(self, sign: str) -> bool:
        if self.tokens[-1:] != [("sign", sign)]:
            return False
        self.tokens.pop()
        return True

    def _take(self) -> tuple[str, str]:
        if not self.tokens:
            raise _Untranslatable
        return self.tokens.pop()


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text[1:-1]:
        raise _Untranslatable
    return f'"{text[1:-1]}"'
