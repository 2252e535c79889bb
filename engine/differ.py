"""What changed between two versions of a model, a table or a form: element by element, as lines of the file, and as ids
for the drawing. Where things stand on the drawing is only counted.
"""

import difflib
import json
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from engine import differ_forms, differ_tables, xml
from engine.differ_order import out_of_order
from engine.differ_things import Path, Thing, Value, apart, details, is_default, things
from engine.differ_words import ADDED, CHANGED, MOVED, REMOVED, Change, Detail, Difference, Place
from engine.drafts import FORM
from engine.normalize import plain_booleans
from engine.placing import DC, DI

MOST_LINES = 20_000
SHOWN_LINES = 2_000


def compare(kind: str, old: bytes, new: bytes, language: str = "it") -> Difference:
    """What changed from one content to another of the same kind; an empty one has nothing in it.

    The fields of a form are called in this language where the form has it.
    """
    if kind == FORM:
        return Difference(tuple(_told_apart(differ_forms.compare(old, new, language))))
    roots = [_parsed(data) if data else None for data in (old, new)]
    before, after = ({} if root is None else things(root) for root in roots)
    tables = differ_tables.compare(*roots)
    found = [_change(ADDED, thing) for name, thing in after.items() if name and name not in before]
    for name, thing in before.items():
        if name not in after:
            found += [_change(REMOVED, thing)] if name else []
            continue
        told, place = tuple(_details(thing, after[name])), tables.columns.get(name)
        if told or place:
            found.append(_change(CHANGED if told else MOVED, after[name], told, place))
    order = {name: number for number, name in enumerate(dict.fromkeys([*after, *before]))}
    found.sort(key=lambda each: order.get(each.element, 0))
    return Difference((*_told_apart(found), *tables.rows), _moved(*roots), tables.notes)


def lines(kind: str, old: bytes, new: bytes) -> list[str] | None:
    """The changed lines of the file with three around them, laid out alike first; None where there are too many."""
    before, after = (_laid_out(kind, data) for data in (old, new))
    if max(len(before), len(after)) > MOST_LINES:
        return None
    found = list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
    return found if len(found) <= SHOWN_LINES else None


def _parsed(data: bytes) -> etree._Element:
    root = xml.parse(data)
    plain_booleans(root)
    return root


def _change(what: str, thing: Thing, told: tuple[Detail, ...] = (), place: Place | None = None) -> Change:
    if what == ADDED:
        said = {path: fact for path, fact in thing.facts.items() if _is_new(thing, path, fact)}
        told = (*details({}, said), *_order(Thing("", "", "", "", {}), thing))
    return Change(what, thing.element, thing.shown, thing.kind, thing.name, told, place)


def _is_new(thing: Thing, path: Path, fact: Value) -> bool:
    """Whether this says something of an element that came beside its sort, its name and where it belongs."""
    return path[0][0] not in ("name", "sort", "owner") and not is_default(thing.kind, path, fact)


def _told_apart(changes: list[Change]) -> Iterator[Change]:
    """Where one came and another of its name and sort went, both are told with their ids: they seem to be the same."""
    came, gone = ({(each.kind, each.name) for each in changes if each.what == what} for what in (ADDED, REMOVED))
    for each in changes:
        is_twin = each.name and each.what in (ADDED, REMOVED) and (each.kind, each.name) in came & gone
        yield replace(each, name=f"{each.name} ({each.element})") if is_twin else each


def _details(before: Thing, after: Thing) -> Iterator[Detail]:
    was, now = before.facts, after.facts
    if before.kind != after.kind:  # what holds anyway of the one is nothing that the other lost or got
        was, now = (_beside_defaults(each) for each in (before, after))
    yield from details(was, now)
    yield from _order(before, after)


def _beside_defaults(thing: Thing) -> dict[Path, Value]:
    return {path: fact for path, fact in thing.facts.items() if not is_default(thing.kind, path, fact)}


def _order(before: Thing, after: Thing) -> Iterator[Detail]:
    """In which order the ways of a gateway are asked, where one changed places or came in; who only went is told
    elsewhere and changes nothing for the others."""
    old, new = ([name for name, _ in each.ways] for each in (before, after))
    if len(new) > 1 and (out_of_order(old, new) or not set(new) <= set(old)):
        yield Detail("order", *apart(_numbered(before), _numbered(after)))


def _numbered(thing: Thing) -> Value:
    """The ways with their numbers, by their ids and by their names."""
    ids, names = ([each[side] for each in thing.ways] for side in (0, 1))
    return _listed(ids), _listed(names)


def _listed(names: list[str]) -> str:
    return " · ".join(f"{number}. {name}" for number, name in enumerate(names, 1))


def _moved(old: etree._Element | None, new: etree._Element | None) -> int:
    before, after = _places(old), _places(new)
    return sum(name in before and before[name] != place for name, place in after.items())


def _places(root: etree._Element | None) -> dict[str, tuple[str | None, ...]]:
    if root is None:
        return {}
    shapes = root.iter(f"{DI}BPMNShape")
    bounds = ((shape.get("bpmnElement", ""), shape.find(f"{DC}Bounds")) for shape in shapes)
    sides = ("x", "y", "width", "height")
    return {name: tuple(each.get(side) for side in sides) for name, each in bounds if each is not None}


def _laid_out(kind: str, data: bytes) -> list[str]:
    """The file with one element or value to a line, whichever program wrote it."""
    if not data:
        return []
    if kind == FORM:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False).splitlines()
    root = xml.parse(data)
    etree.indent(root, "  ")
    for element in root.iter("*"):
        pairs = sorted(element.attrib.items(), key=lambda pair: (str(pair[0]) != "id", str(pair[0])))
        element.attrib.clear()
        for key, value in pairs:
            element.set(key, value)
    return etree.tostring(root, encoding="unicode").splitlines()
