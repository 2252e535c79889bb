"""How long our own work takes, told apart from a machine that is busy with others' work."""

import time
from collections.abc import Callable
from typing import Any


def within(seconds: float, action: Callable[[], Any], tries: int = 5) -> Any:
    """What the action answers, once one of a few tries took less than this many seconds of our own processor time.

    One try alone may meet a garbage collection or a neighbour who empties the caches; five in a row do not.

    Raises:
        AssertionError: Every try took longer.
    """
    taken = []
    for _ in range(tries):
        begin = time.process_time()
        answer = action()
        taken.append(time.process_time() - begin)
        if taken[-1] < seconds:
            return answer
    raise AssertionError(f"every try took longer than {seconds} s: {taken}")
