"""Reads a regular expression (XPath F&O 7.6.1, XML Schema part 2 appendix F) into what `feel_regex` runs.

Back references are not read: no machine that is linear can run them.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

CHAR, JUMP, SPLIT, SAVE, START, END, MATCH = range(7)
Instruction = tuple[int, Any, Any]
Test = Callable[[str], bool]

MAX_CODE: Final = 600
MAX_DEPTH: Final = 20
MAX_TIMES: Final = 300
_CATEGORIES = frozenset(
    re.findall(
        r"\w+", "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po Z Zs Zl Zp S Sm Sc Sk So C Cc Cf Co Cn"
    )
)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}
_SIGNS = frozenset("\\|.-^?*+{}()[]$")


class _Bad(Exception):
    """The pattern cannot be read."""


@dataclass(frozen=True, slots=True)
class Program:
    """A pattern made ready: its instructions, its number of groups, and whether it can only match at the start."""

    code: tuple[Instruction, ...]
    groups: int
    anchored: bool
    many_lines: bool


@lru_cache(512)
def compiled(pattern: str, flags: str) -> Program | None:
    """Return the program of a pattern, or None if pattern or flags are not valid or the pattern is too big."""
    if not set(flags) <= set("smix") or len(pattern) > 2_000:
        return None
    try:
        return _Writer(pattern, flags).program()
    except _Bad:
        return None


def _category(name: str) -> Test:
    return lambda letter: unicodedata.category(letter).startswith(name)


def _not(test: Test) -> Test:
    return lambda letter: not test(letter)


def _is_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "PZC"


def _is_name_start(letter: str) -> bool:
    return letter in "_:" or unicodedata.category(letter)[0] == "L"


def _is_name(letter: str) -> bool:
    return letter in "_:-.·" or unicodedata.category(letter)[0] in "LM" or unicodedata.category(letter) == "Nd"


_CLASSES: dict[str, Test] = {
    "d": lambda letter: unicodedata.category(letter) == "Nd",
    "s": lambda letter: letter in " \t\n\r",
    "w": _is_word,
    "i": _is_name_start,
    "c": _is_name,
}


class _Writer:
    """Reads a pattern from left to right and writes its program as it goes."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern, self.at, self.depth, self.groups = pattern, 0, 0, 0
        self.code: list[Instruction] = []
        self.any_case, self.all, self.many_lines = "i" in flags, "s" in flags, "m" in flags
        self.spaced = "x" in flags

    def program(self) -> Program:
        self._write(SAVE, 0)
        self._alternatives()
        if self.at < len(self.pattern):
            raise _Bad
        self._write(SAVE, 1)
        self._write(MATCH)
        anchored = self.code[1][0] == START and not self.many_lines
        return Program(tuple(self.code), self.groups, anchored, self.many_lines)

    def _write(self, op: int, first: Any = None, second: Any = None) -> None:
        self.code.append((op, first, second))
        if len(self.code) > MAX_CODE:
            raise _Bad

    def _peek(self) -> str:
        while self.spaced and self.at < len(self.pattern) and self.pattern[self.at] in " \t\n\r":
            self.at += 1
        return self.pattern[self.at] if self.at < len(self.pattern) else ""

    def _take(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self.at += 1
        return True

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise _Bad
        self.at += 1
        return self.pattern[self.at - 1]

    # -- structure: every method writes the code of what it reads ------------------------------------------------------

    def _alternatives(self) -> None:
        start, ends = len(self.code), []
        self._branch()
        while self._take("|"):
            self._insert(start, (SPLIT, start + 1, len(self.code) + 2))
            ends.append(len(self.code))
            self._write(JUMP)
            start = len(self.code)
            self._branch()
        for end in ends:
            self.code[end] = (JUMP, len(self.code), None)

    def _insert(self, place: int, instruction: Instruction) -> None:
        """Put an instruction before a piece of code, and move that piece's own targets along."""
        moved = [_moved(each, 1) for each in self.code[place:]]
        self.code[place:] = [instruction, *moved]
        if len(self.code) > MAX_CODE:
            raise _Bad

    def _branch(self) -> None:
        while self._peek() not in ("", "|", ")"):
            start = len(self.code)
            self._atom()
            self._quantifier(start)

    def _atom(self) -> None:
        self._peek()
        sign = self._next()
        if sign == "(":
            self._group()
        elif sign in "^$":
            self._write(START if sign == "^" else END)
        elif sign in "*+?{}])":
            raise _Bad
        else:
            self._write(CHAR, self._single(sign))

    def _single(self, sign: str) -> Test:
        if sign == ".":
            return (lambda letter: True) if self.all else (lambda letter: letter not in "\n\r")
        if sign == "[":
            return self._class()
        if sign == "\\":
            escaped = self._escape()
            return escaped if callable(escaped) else self._letter(escaped)
        return self._letter(sign)

    def _group(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Bad
        group = None
        if self._take("?"):
            if self._next() != ":":
                raise _Bad
        else:
            self.groups += 1
            group = self.groups
            self._write(SAVE, 2 * group)
        self._alternatives()
        if self._next() != ")":
            raise _Bad
        if group is not None:
            self._write(SAVE, 2 * group + 1)
        self.depth -= 1

    def _quantifier(self, start: int) -> None:
        sign = self._peek()
        if not sign or sign not in "*+?{":
            return
        self.at += 1
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self._times()
        lazy = self._take("?")
        if self._peek() in tuple("*+?{"):
            raise _Bad
        self._repeat(start, least, most, lazy)

    def _times(self) -> tuple[int, int | None]:
        end = self.pattern.find("}", self.at)
        least, comma, most = self.pattern[self.at : max(end, self.at)].partition(",")
        if not _is_count(least) or (most and not _is_count(most)):
            raise _Bad
        self.at = end + 1
        low, high = int(least), int(most) if most else (None if comma else int(least))
        if high is not None and high < low:
            raise _Bad
        return low, high

    def _repeat(self, start: int, least: int, most: int | None, lazy: bool) -> None:
        piece = [_moved(each, -start) for each in self.code[start:]]
        del self.code[start:]
        for _ in range(least):
            self._append(piece)
        if most is None:
            loop = len(self.code)
            self._split(loop + 1, loop + len(piece) + 2, lazy)
            self._append(piece)
            self._write(JUMP, loop)
        else:
            end = len(self.code) + (most - least) * (len(piece) + 1)
            for _ in range(most - least):
                self._split(len(self.code) + 1, end, lazy)
                self._append(piece)

    def _split(self, inside: int, outside: int, lazy: bool) -> None:
        self._write(SPLIT, *((outside, inside) if lazy else (inside, outside)))

    def _append(self, piece: list[Instruction]) -> None:
        base = len(self.code)
        if base + len(piece) > MAX_CODE:
            raise _Bad
        self.code.extend(_moved(each, base) for each in piece)

    # -- characters ----------------------------------------------------------------------------------------------------

    def _letter(self, sign: str) -> Test:
        if not self.any_case:
            return lambda letter: letter == sign
        same = frozenset({sign, sign.lower(), sign.upper()})
        return lambda letter: letter in same

    def _escape(self) -> str | Test:
        sign = self._next()
        if sign in _PLAIN or sign in _SIGNS:
            return _PLAIN.get(sign, sign)
        if sign in "pP":
            return self._property(sign == "P")
        test = _CLASSES.get(sign.lower())
        if test is None or not sign.isascii():
            raise _Bad
        return _not(test) if sign.isupper() else test

    def _property(self, negated: bool) -> Test:
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1 : end]
        if end < 0 or not self.pattern.startswith("{", self.at) or name not in _CATEGORIES:
            raise _Bad
        self.at = end + 1
        return _not(_category(name)) if negated else _category(name)

    def _class(self) -> Test:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Bad
        negated = self.pattern[self.at : self.at + 1] == "^"
        self.at += negated
        tests, minus, first = [], None, True
        while first or self.pattern[self.at : self.at + 1] != "]":
            if self.pattern[self.at : self.at + 2] == "-[":
                self.at += 2
                minus = self._class()
                break
            tests.append(self._class_item())
            first = False
        if self._next() != "]":
            raise _Bad
        self.depth -= 1
        return _in_class(tuple(tests), negated, minus, self.any_case)

    def _class_item(self) -> Test:
        low = self._class_letter()
        following = self.pattern[self.at : self.at + 2]
        if callable(low) or following[:1] != "-" or following in ("-]", "-["):
            return low if callable(low) else (lambda letter: letter == low)
        self.at += 1
        high = self._class_letter()
        if callable(high) or high < low:
            raise _Bad
        return lambda letter: low <= letter <= high

    def _class_letter(self) -> str | Test:
        sign = self._next()
        if sign == "\\":
            return self._escape()
        if sign in "[]":
            raise _Bad
        return sign


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= MAX_TIMES


def _moved(instruction: Instruction, by: int) -> Instruction:
    op, first, second = instruction
    if op == JUMP and first is not None:
        return op, first + by, None
    return (op, first + by, second + by) if op == SPLIT else instruction


def _in_class(tests: tuple[Test, ...], negated: bool, minus: Test | None, any_case: bool) -> Test:
    def one(letter: str) -> bool:
        return any(test(letter) for test in tests)

    def member(letter: str) -> bool:
        found = one(letter) or (
            any_case and any(len(each) == 1 and one(each) for each in (letter.lower(), letter.upper()))
        )
        return found is not negated and not (minus is not None and minus(letter))

    return member
