"""What the log says was done: read on from where the last reading ended, so that a long drill stays quick."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.log import Line


class Entry(NamedTuple):
    """One log line, opened."""

    stream: str
    seq: int
    at: str
    actor: str
    verb: str
    case: str | None
    facts: dict[str, Any]


@dataclass
class Ledger:
    """All lines by verb, and what is asked of them again and again."""

    by_verb: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    completed: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # (verb, actor, task or "")
    posts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # every post that ever had a code
    lines: int = 0
    _last: int = 0

    def read(self, db: Session) -> None:
        """Take in the lines that are new. Nobody writes meanwhile: a lower id never appears later."""
        query = select(Line.id, Line.body).where(Line.id > self._last).order_by(Line.id)
        for number, body in db.execute(query):
            said = orjson.loads(body)
            self._take(Entry(*(said[name] for name in ("stream", "seq", "at", "actor", "verb", "case", "facts"))))
            self._last = number

    def _take(self, entry: Entry) -> None:
        self.lines += 1
        self.by_verb[entry.verb].append(entry)
        self.counts[entry.verb, entry.actor, entry.facts.get("task") or ""] += 1
        if entry.verb == "task.completed":
            self.completed[entry.facts["task"]].append(entry)
        code = entry.case or entry.stream.partition(":")[2]
        if post := _post(entry):
            self.posts[code].add(post)

    def done_by(self, task: str, user: str, before: str = "9") -> bool:
        """Whether the log says that this user completed this task (before an instant)."""
        return any(entry.actor == user and entry.at < before for entry in self.completed.get(task, ()))

    def holders(self) -> list[tuple[Entry, str]]:
        """The lines that took or completed a task which another person had in hand, each with that person."""
        verbs = ("task.assigned", "task.released", "task.completed", "instance.handed_over")
        found, holder = [], dict[str, str]()
        lines = (entry for verb in verbs for entry in self.by_verb[verb])
        of_instance: dict[str, set[str]] = defaultdict(set)
        for entry in sorted(lines, key=lambda line: (line.stream, line.seq)):
            if entry.verb == "instance.handed_over":
                for task in of_instance[entry.stream]:
                    holder.pop(task, None)
                continue
            task, has = entry.facts["task"], holder.get(entry.facts["task"])
            by_own_hand = entry.verb == "task.completed" or entry.facts.get("to") == entry.actor
            if by_own_hand and has not in (None, entry.actor):
                found.append((entry, str(has)))
            of_instance[entry.stream].add(task)
            holder[task] = entry.facts.get("to") or ""
            if not holder[task]:
                del holder[task]
        return found


def _post(entry: Entry) -> str | None:
    """The post that has a contact or case from this line on, if the line says so."""
    if entry.verb in ("contact.recorded", "case.opened"):
        return str(entry.facts["post"])
    if entry.verb == "contact.routed":
        return str(entry.facts["new"])
    return str(entry.facts["to"]) if entry.verb == "instance.handed_over" else None


def now() -> str:
    """This instant as the log writes it."""
    return clock.iso(clock.now())
