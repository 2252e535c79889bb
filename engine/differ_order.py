"""Which of several things changed places: only those that must move to make one order out of the other."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence


def out_of_order(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """The fewest of the names that both orders have which were moved; who only made room for them was not.

    The others keep their order: they are the longest common subsequence. Each name is once in an order.
    """
    place = {name: number for number, name in enumerate(before)}
    common = [name for name in after if name in place]
    return frozenset(common) - frozenset(common[each] for each in _longest_rise([place[name] for name in common]))


def _longest_rise(numbers: Sequence[int]) -> Iterable[int]:
    """The indexes of a longest increasing subsequence, the last first."""
    lowest: list[int] = []  # the lowest number in which a rise of this length ends
    ends: list[int] = []  # and its index
    back: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(lowest, number)
        back.append(ends[length - 1] if length else -1)
        lowest[length : length + 1] = [number]
        ends[length : length + 1] = [index]
    index = ends[-1] if ends else -1
    while index >= 0:
        yield index
        index = back[index]
