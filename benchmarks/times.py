"""Times and their ratios."""

import statistics
import time
from collections.abc import Callable


def timed(work: Callable[[], object]) -> float:
    """The seconds that this took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ms(times: list[float]) -> float:
    """The median in milliseconds."""
    return round(statistics.median(times) * 1000, 3)


def p95(times: list[float]) -> float:
    """What 95 of 100 stay below, in milliseconds."""
    return round(sorted(times)[int(len(times) * 0.95)] * 1000, 3)


def ratio(measured: list[float], baseline: list[float]) -> float:
    """Median to median."""
    return round(statistics.median(measured) / statistics.median(baseline), 2)
