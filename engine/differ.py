"""What changed between two versions of a model, a table or a form: element by element, as lines of the file, and as ids
for the drawing. Where things stand on the drawing is only counted.
"""

import difflib
import json
from collections.abc import Mapping

from lxml import etree

from engine import differ_forms, differ_tables, xml
from engine.differ_things import NOTHING, Thing, Value, things
from engine.differ_words import ADDED, CHANGED, MOVED, REMOVED, Change, Detail, Difference, Place
from engine.drafts import FORM
from engine.placing import DC, DI

MOST_LINES = 20_000
SHOWN_LINES = 2_000


def compare(kind: str, old: bytes, new: bytes, language: str = "it") -> Difference:
    """What changed from one content to another of the same kind; an empty one has nothing in it.

    The fields of a form are called in this language where the form has it.
    """
    if kind == FORM:
        return Difference(tuple(differ_forms.compare(old, new, language)))
    roots = [xml.parse(data) if data else None for data in (old, new)]
    before, after = ({} if root is None else things(root) for root in roots)
    tables = differ_tables.compare(*roots)
    found = [_change(ADDED, thing) for name, thing in after.items() if name not in before]
    for name, thing in before.items():
        if name not in after:
            found.append(_change(REMOVED, thing))
            continue
        details, place = _details(thing.facts, after[name].facts), tables.columns.get(name)
        if details or place:
            found.append(_change(CHANGED if details else MOVED, after[name], details, place))
    order = {name: number for number, name in enumerate(dict.fromkeys([*after, *before]))}
    found.sort(key=lambda each: order[each.element])
    return Difference((*found, *tables.rows), _moved(*roots), tables.notes)


def lines(kind: str, old: bytes, new: bytes) -> list[str] | None:
    """The changed lines of the file with three around them, laid out alike first; None where there are too many."""
    before, after = (_laid_out(kind, data) for data in (old, new))
    if max(len(before), len(after)) > MOST_LINES:
        return None
    found = list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
    return found if len(found) <= SHOWN_LINES else None


def _change(what: str, thing: Thing, details: tuple[Detail, ...] = (), place: Place | None = None) -> Change:
    if what == ADDED:
        details = tuple(Detail(field, "", shown) for field, (_, shown) in thing.facts.items() if field != "name")
    return Change(what, thing.element, thing.shown, thing.kind, thing.name, details, place)


def _details(before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[Detail, ...]:
    fields = dict.fromkeys([*after, *before])
    pairs = ((field, before.get(field, NOTHING), after.get(field, NOTHING)) for field in fields)
    return tuple(Detail(field, old[1], new[1]) for field, old, new in pairs if old[0] != new[0])


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
