"""What the log costs: completing a task and eight writers with and without it; checking it; one proof among many."""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from benchmarks import models, office
from cases.access import Actor
from core import audit, clock, db, log, seal
from core.errors import Unavailable

WRITERS, PER_TRANSACTION = 8, 500


def measure(url: str, *, quick: bool = False) -> dict[str, Any]:
    """Return the figures of the log: ratios, lines a second, milliseconds."""
    rounds, lines = (20, 10_000) if quick else (200, 1_000_000)
    with office.database(url) as engine:
        actor = office.open_office(models.loop(timer=False))
        found: dict[str, Any] = {"db": engine.dialect.name, "rounds": rounds, "lines": lines}
        cases = [office.open_case(actor, "benchmark") for _ in range(WRITERS)]
        with_log, without = [], []
        for _ in range(rounds):
            with_log.append(_complete(actor, cases[0]))
            with _silent():
                without.append(_complete(actor, cases[0]))
        found["complete_with_log_ms"] = round(statistics.median(with_log) * 1000, 2)
        found["complete_without_log_ms"] = round(statistics.median(without) * 1000, 2)
        found["complete_ratio"] = round(statistics.median(with_log) / statistics.median(without), 2)
        spoken = _throughput(actor, cases, rounds)
        with _silent():
            silent = _throughput(actor, cases, rounds)
        found |= {"writers_with_log_per_s": round(spoken), "writers_without_per_s": round(silent)}
        found["writers_share"] = round(spoken / silent, 2)
        return found | _many(lines)


def _complete(actor: Actor, code: str) -> float:
    task = office.next_task(code)
    return _timed(lambda: office.complete(actor, task))


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing is written to the log: what was said is forgotten at the commit."""

    def forget(tx: Session) -> None:
        tx.info.pop(log.PENDING, None)

    event.remove(Session, "before_commit", log._write)
    event.listen(Session, "before_commit", forget)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", forget)
        event.listen(Session, "before_commit", log._write)


def _throughput(actor: Actor, cases: list[str], rounds: int) -> float:
    """Tasks a second that eight writers complete, each on a case of its own."""

    def work(code: str) -> None:
        for _ in range(rounds):
            while not _write(actor, code):
                pass  # SQLite has one writer at a time, and the others have a limit to their patience

    with ThreadPoolExecutor(WRITERS) as pool:
        taken = _timed(lambda: list(pool.map(work, cases)))
    return len(cases) * rounds / taken


def _write(actor: Actor, code: str) -> bool:
    try:
        _complete(actor, code)
    except Unavailable:
        return False
    return True


def _many(lines: int) -> dict[str, Any]:
    with db.transaction() as tx:
        missing = lines - log.count(tx)
    for first in range(0, missing, PER_TRANSACTION):
        with db.transaction() as tx:
            for number in range(min(PER_TRANSACTION, missing - first)):
                code = f"F-{(first + number) % 5000}"
                log.append(tx, "case.noted", f"case:{code}", by="benchmark", case=code, on=clock.today())
    sealing = _timed(_seal_all)
    with db.transaction() as tx:
        checking = _timed(lambda: audit.verify(tx))
        size = seal.size(tx)
        proofs = [_timed(lambda at=at: _prove(tx, at, size)) for at in range(0, size, max(1, size // 50))]  # type: ignore[misc]
    return {
        "sealed_per_s": round(size / sealing), "verified_per_s": round(size / checking),
        "proof_ms": round(statistics.median(proofs) * 1000, 2), "proof_worst_ms": round(max(proofs) * 1000, 2),
    }  # fmt: skip


def _seal_all() -> None:
    while True:
        with db.transaction() as tx:
            if seal.seal(tx, by="benchmark") is None:
                return


def _prove(tx: Session, number: int, size: int) -> list[bytes]:
    steps = seal.inclusion(number, size)
    return seal.proof(steps, seal.reader(tx, (place for step in steps for place in step)))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
