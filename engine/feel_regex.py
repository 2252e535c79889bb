"""Finds and replaces by pattern in linear time, whatever the pattern (XPath F&O 7.6, DMN 1.3 table 74; threat A78).

Patterns run on the machine of Thompson and Pike: it reads each character once and keeps all the places where the
pattern could be, so no pattern makes it start over. Each place visited is paid for from the budget of the evaluation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.feel_limits import TEXT, TEXT_TOO_LONG, FeelError, Run
from engine.feel_pattern import END, JUMP, MATCH, SAVE, SPLIT, START, Instruction, Program

VISITS_A_STEP = 8

Saves = tuple[int, ...]


@dataclass(slots=True)
class _Search:
    """One search: the program, the text, and what it has cost since it was last paid."""

    code: tuple[Instruction, ...]
    text: str
    many_lines: bool
    run: Run
    visits: int = 0

    def pay(self) -> None:
        if self.visits >= VISITS_A_STEP:
            self.run.spend(self.visits // VISITS_A_STEP)
            self.visits %= VISITS_A_STEP

    def reach(self, pc: int, at: int, saves: Saves, seen: set[int], threads: list[tuple[int, Saves]]) -> None:
        """Add to `threads` every place that `pc` leads to without reading, the preferred ones first."""
        waiting = [(pc, saves)]
        while waiting:
            pc, saves = waiting.pop()
            if pc in seen:
                continue
            seen.add(pc)
            self.visits += 1
            op, first, second = self.code[pc]
            if op == JUMP:
                waiting.append((first, saves))
            elif op == SPLIT:
                waiting += ((second, saves), (first, saves))
            elif op == SAVE:
                self.visits += len(saves) // 10
                waiting.append((pc + 1, (*saves[:first], at, *saves[first + 1 :])))
            elif op in (START, END):
                if self._holds(op, at):
                    waiting.append((pc + 1, saves))
            else:
                threads.append((pc, saves))

    def _holds(self, op: int, at: int) -> bool:
        if op == START:
            return at == 0 or (self.many_lines and self.text[at - 1] == "\n")
        return at == len(self.text) or (self.many_lines and self.text[at] == "\n")

    def read(self, threads: list[tuple[int, Saves]], at: int) -> tuple[list[tuple[int, Saves]], Saves | None]:
        """Return the places after the character at `at`, and the match that ends before it, if one does."""
        following: list[tuple[int, Saves]] = []
        seen: set[int] = set()
        letter = self.text[at] if at < len(self.text) else ""
        for pc, saves in threads:
            op, test, _ = self.code[pc]
            if op == MATCH:
                return following, saves
            self.visits += 1
            if letter and test(letter):
                self.reach(pc + 1, at + 1, saves, seen, following)
        return following, None


def find(program: Program, text: str, start: int, run: Run) -> Saves | None:
    """Return where the leftmost match from `start` on begins and ends, then each group (-1: none), or None."""
    search = _Search(program.code, text, program.many_lines, run)
    empty = (-1,) * (2 * program.groups + 2)
    threads: list[tuple[int, Saves]] = []
    found: Saves | None = None
    for at in range(start, len(text) + 1):
        if found is None and (at == start or not program.anchored):
            search.reach(0, at, empty, {pc for pc, _ in threads}, threads)
        if not threads and (found is not None or program.anchored):
            break
        threads, match = search.read(threads, at)
        found = match or found
        search.pay()
    return found


def _matches(program: Program, text: str, run: Run) -> Iterator[Saves]:
    at = 0
    while at <= len(text) and (match := find(program, text, at, run)) is not None:
        yield match
        at = match[1]


def replace(program: Program, text: str, replacement: str, run: Run) -> str | None:
    """Return the text with every match replaced, `$1` standing for a group.

    None where F&O 7.6.3 has an error: a replacement that is not one, or a pattern that also matches the empty text.
    """
    parts = _replacement(replacement, program.groups)
    if parts is None or find(program, "", 0, run) is not None:
        return None
    result, size, last = [], 0, 0
    for match in _matches(program, text, run):
        piece = text[last : match[0]] + "".join(p if isinstance(p, str) else _group(text, match, p) for p in parts)
        result.append(piece)
        size, last = size + len(piece), match[1]
        run.spend(1 + len(parts))
        if size > TEXT:
            raise FeelError(TEXT_TOO_LONG, limit=TEXT)
    return run.text("".join([*result, text[last:]]))


def _group(text: str, match: Saves, group: int) -> str:
    start, end = match[2 * group], match[2 * group + 1]
    return text[start:end] if start >= 0 else ""


_PART = re.compile(r"[^$\\]+|\\[$\\]|\$[0-9]")


def _replacement(text: str, groups: int) -> list[str | int] | None:
    """Return the plain pieces of a replacement and the numbers of its groups, or None if it is not valid."""
    parts: list[str | int] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return None
        parts.append(_part(match[0], groups))
        at = match.end()
    return parts


def _part(text: str, groups: int) -> str | int:
    if text[0] == "$":
        return int(text[1]) if int(text[1]) <= groups else ""
    return text[1:] if text[0] == "\\" else text


def split(program: Program, text: str, run: Run) -> list[object] | None:
    """Return the pieces between the matches; None if the pattern also matches the empty text (F&O 7.6.4)."""
    if find(program, "", 0, run) is not None:
        return None
    pieces: list[object] = []
    last = 0
    for match in _matches(program, text, run):
        pieces.append(text[last : match[0]])
        last = match[1]
    return [*pieces, text[last:]]
