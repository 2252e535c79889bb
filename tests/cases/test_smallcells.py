"""Nobody who holds a table, or two of them, can work out a hidden number: tried against every small office there is."""

from collections import Counter, defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import smallcells
from cases.smallcells import Cell


def table(rows):
    """One whole in parts; `rows` says for each part how many each post has."""
    parts = [Cell(str(n), Counter({f"p{p}": count for p, count in enumerate(row)})) for n, row in enumerate(rows)]
    root = Cell("all", Counter())
    for part in parts:
        root.by.update(part.by)
    root.parts["kind"] = parts
    return smallcells.guard(root)


def published(root):
    """What is given out: the whole and the parts, None for what is hidden."""
    parts = root.parts["kind"]
    if not root.shown:
        return (None, *(None for _ in parts))
    return (root.total, *(part.total if part.shown else None for part in parts))


def pinned(offices, seen):
    """Of everything that looks alike to somebody who knows the rule, what hidden number is the same in all of it."""
    alike = defaultdict(list)
    for rows in offices:
        alike[seen(rows)].append(rows)
    for look, same in alike.items():
        for n, number in enumerate(look[-1][1:]):
            values = {sum(rows[n]) for rows in same}
            if number is None and len(values) == 1:
                yield look, n, values


@pytest.mark.parametrize(("parts", "most"), [(2, 20), (3, 13), (4, 9), (5, 6)])
def test_who_knows_the_rule_and_the_table_finds_no_hidden_number(parts, most):
    offices = [tuple((count,) for count in row) for row in product(range(most + 1), repeat=parts)]
    # What would look like the largest of the offices tried may also be a larger one that was not.
    inner = [rows for rows in offices if sum(sum(row) for row in rows) <= most]

    assert list(pinned(inner, lambda rows: (published(table(rows)),))) == []


@given(st.lists(st.integers(0, 60), min_size=2, max_size=12))
def test_a_hidden_number_is_never_the_whole_less_the_rest(counts):
    root = table([(count,) for count in counts])
    hidden = [part.total for part in root.parts["kind"] if not part.shown]

    if root.shown and hidden:
        assert len(hidden) >= 2
        assert sum(hidden) >= smallcells.THRESHOLD
    assert all(not 0 < part.total < 5 for part in root.parts["kind"] if part.shown)


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), min_size=1, max_size=5), st.integers(0, 2))
def test_one_post_that_takes_its_own_numbers_away_finds_no_small_rest(rows, insider):
    root = table(rows)
    own = [row[insider] for row in rows]
    shown = [(part.total - mine) for part, mine in zip(root.parts["kind"], own, strict=True) if part.shown]
    hidden = [(part.total - mine) for part, mine in zip(root.parts["kind"], own, strict=True) if not part.shown]

    if root.shown:
        assert all(not 0 < rest < 5 for rest in [root.total - sum(own), *shown])
        assert not 0 < sum(hidden) < 5
        assert len(hidden) != 1


def test_the_insider_of_a_small_network_finds_no_hidden_number_of_the_other_post():
    offices = [((a, b), (c, d)) for a, b, c, d in product(range(9), range(9), range(9), range(9))]

    def seen(rows):
        return (tuple(row[0] for row in rows), published(table(rows)))

    small = [rows for rows in offices if sum(row[1] for row in rows) <= 8]
    alike = defaultdict(list)
    for rows in small:
        alike[seen(rows)].append(rows)
    for (own, look), same in alike.items():
        if look[0] is not None and look[0] == sum(own):
            continue  # that nobody else has anybody is said
        for n, number in enumerate(look[1:]):
            assert number is not None or len({rows[n][1] for rows in same}) > 1, (look, same)


def test_two_neighbouring_tables_that_differ_by_one_person_do_not_tell_who_came():
    """All posts, and all posts without the one where somebody came: the rest is hidden or not small."""
    root = table([(20, 1), (7, 0), (0, 0)])

    assert published(root) == (None, None, None, None)
    assert published(table([(20, 0), (7, 0), (0, 0)])) == (27, 20, 7, 0)


def test_finer_parts_of_a_hidden_part_are_hidden():
    finer = [Cell("x", Counter(p=9)), Cell("y", Counter(p=2))]
    part = Cell("a", Counter(p=11), {"finer": finer})
    small = Cell("b", Counter(p=2), {"finer": [Cell("x", Counter(p=2))]})
    root = smallcells.guard(Cell("all", Counter(p=13), {"kind": [part, small]}))

    assert root.shown
    assert [part.shown, small.shown, *(cell.shown for cell in finer)] == [False, False, False, False]
