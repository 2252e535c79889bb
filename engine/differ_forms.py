"""What changed in a form: its fields by their labels, where each of them stands, and the choices that it offers."""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.differ_order import out_of_order
from engine.differ_values import OF_FORMS
from engine.differ_words import ADDED, CHANGED, FOREMOST, MOVED, OUTSIDE, REMOVED, UNNAMED, Change, Detail, Place

LONGEST_LABEL = 80
# Where a field stands is told apart, and so are choices; ids and columns of the editor tell people nothing.
APART = frozenset({"components", "id", "layout", "values"})
STATIC = frozenset({"group", "text"})
KNOWN = ("key", "label", "text")  # what its name says already
DEEPEST = 20
ENGLISH = "option_en."  # a property for each choice
# The way to a value: a key that bears the name of two others, "validate required", is none of them.
Path = tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    kind: str
    label: str
    lang: str
    inside: str  # the group, "" outside all of them
    facts: Mapping[Path, str]
    choices: Mapping[str, str]  # what each is called, in their order


@dataclass(frozen=True)
class _Form:
    parts: Mapping[str, _Part]
    orders: Mapping[str, list[str]]  # what stands in each group
    places: Mapping[str, int]  # where each part stands in its group, counted from one

    def label(self, name: str, none: str) -> str:
        return self.parts[name].label if name else none

    def above(self, name: str) -> str:
        """What stands before this in its group, "" if nothing does."""
        place = self.places[name]
        return self.orders[self.parts[name].inside][place - 2] if place > 1 else ""


def compare(old: bytes, new: bytes, language: str = "it") -> list[Change]:
    """What changed from one form to another, called in this language where the form has it."""
    before, after = _read(old, language), _read(new, language)
    moved = {
        name for group, order in after.orders.items() for name in out_of_order(before.orders.get(group, ()), order)
    }
    found = []
    for name in dict.fromkeys([*after.parts, *before.parts]):
        if name not in before.parts:
            found.append(_change(ADDED, name, after, _all_of(after, name)))
        elif name not in after.parts:
            found.append(_change(REMOVED, name, before, ()))
        else:
            details = tuple(_details(before.parts[name], after.parts[name]))
            where = tuple(_where(before, after, name, moved))
            place = Place(before.places[name], after.places[name], is_moved=True) if name in moved else None
            if details or where or place:
                what = CHANGED if details or place is None else MOVED
                found.append(_change(what, name, after, (*where, *details), place))
    return found


def _change(what: str, name: str, form: _Form, details: Iterable[Detail], place: Place | None = None) -> Change:
    part = form.parts[name]
    return Change(what, name, "", part.kind, part.label, tuple(details), place, part.lang)


def _all_of(form: _Form, name: str) -> Iterator[Detail]:
    """What is said of a new part, and where it stands."""
    part, above = form.parts[name], form.above(name)
    if part.inside:
        yield Detail("inside", "", form.parts[part.inside].label)
    if above:
        yield Detail("after", "", form.parts[above].label)
    yield from _details(_Part("", "", "", "", {(field,): part.facts.get((field,), "") for field in KNOWN}, {}), part)


def _where(old: _Form, new: _Form, name: str, moved: Container[str]) -> Iterator[Detail]:
    """Into which group it went, and what stands above it now."""
    was, now = old.parts[name].inside, new.parts[name].inside
    if was != now:
        yield Detail("inside", old.label(was, OUTSIDE), new.label(now, OUTSIDE))
    above = old.above(name), new.above(name)
    if (name in moved or was != now) and above[0] != above[1]:
        yield Detail("after", old.label(above[0], FOREMOST), new.label(above[1], FOREMOST))


def _details(before: _Part, after: _Part) -> Iterator[Detail]:
    for path in dict.fromkeys([*after.facts, *before.facts]):
        was, now = before.facts.get(path, ""), after.facts.get(path, "")
        if was != now and path[0] == "properties" and len(path) == 2 and path[1].startswith(ENGLISH):
            yield Detail("option_en", was, now, path[1].removeprefix(ENGLISH))
        elif was != now:
            yield Detail(_field(path), was, now)
    for value in dict.fromkeys([*after.choices, *before.choices]):
        was, now = before.choices.get(value, ""), after.choices.get(value, "")
        if was != now:
            yield Detail("option", was, now, value)
    places = [{value: str(number) for number, value in enumerate(each, 1)} for each in (before.choices, after.choices)]
    moved = out_of_order([*before.choices], [*after.choices])
    for value in (value for value in after.choices if value in moved):
        yield Detail("option_place", places[0][value], places[1][value], after.choices[value])


def _field(path: Path) -> str:
    """What a way is called, or where it leads in the file if nothing is called like it."""
    field = " ".join(path)
    if field in OF_FORMS and not any(" " in step for step in path):
        return field
    steps = (step if step.isidentifier() or step.isdecimal() else json.dumps(step, ensure_ascii=False) for step in path)
    return UNNAMED + ".".join(steps)


def _read(data: bytes, language: str) -> _Form:
    schema: Any = json.loads(data) if data else {}
    parts: dict[str, _Part] = {}
    orders: dict[str, list[str]] = {"": []}
    _walk(schema.get("components"), "", language, parts, orders)
    places = {name: number for order in orders.values() for number, name in enumerate(order, 1)}
    return _Form(parts, orders, places)


def _walk(raw: Any, inside: str, language: str, parts: dict[str, _Part], orders: dict[str, list[str]]) -> None:
    for part in raw if isinstance(raw, list) else ():
        if not isinstance(part, dict):
            continue
        name = str(part.get("key") or part.get("id") or "")
        if not name or name in parts:
            name = f"{name or part.get('type')} {len(parts)}"
        parts[name] = _part(part, name, inside, language)
        orders[inside].append(name)
        orders[name] = []
        _walk(part.get("components"), name, language, parts, orders)


def _part(raw: Mapping[str, Any], name: str, inside: str, language: str) -> _Part:
    given = raw.get("properties")
    properties = given if isinstance(given, dict) else {}
    italian = raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel") or raw.get("text") or name
    said = (properties.get("label_en") or properties.get("text_en")) if language == "en" else None
    kind = str(raw.get("type"))
    values = raw.get("values")
    choices = _choices(values)
    apart = APART if choices or not values else APART - {"values"}
    facts = dict(_flat({key: value for key, value in raw.items() if key not in apart}))
    for value, each in zip(choices, values or (), strict=False):
        beside = {key: said for key, said in each.items() if key not in ("value", "label")}
        facts |= dict(_flat(beside, ("values", value)))
    label, lang = str(said or italian)[:LONGEST_LABEL], "en" if said else "it"
    return _Part(kind if kind in STATIC else "component", label, lang, inside, facts, choices)


def _choices(values: Any) -> dict[str, str]:
    """The choices of a field by their codes; nothing where they are not a list of those."""
    if not isinstance(values, list) or not all(isinstance(each, dict) and "value" in each for each in values):
        return {}
    found: dict[str, str] = {}
    for each in values:
        code, number = str(each["value"]), 1
        while code in found:
            number += 1
            code = f"{each['value']} ({number})"
        found[code] = str(each.get("label") or each["value"])
    return found


def _flat(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    pairs: Any = ()
    if len(path) > DEEPEST:
        yield path, json.dumps(value)
    elif isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = ((str(number), each) for number, each in enumerate(value, 1))
    else:
        yield path, _said(value, is_text=path[:1] == ("properties",))
    for key, each in pairs:
        yield from _flat(each, (*path, key))


def _said(value: Any, *, is_text: bool) -> str:
    """A value as people read it; a text that looks like a yes or no, or the other way round, is none and says so: to
    whoever reads the form, `"false"` is not false (`tasks.formjs`; properties are read as texts)."""
    if isinstance(value, bool):
        return str(value) if is_text else str(value).lower()
    if value is None and not is_text:  # as if it were not said
        return ""
    if isinstance(value, str) and (is_text or value not in ("true", "false")):
        return value
    return json.dumps(value, ensure_ascii=False)
