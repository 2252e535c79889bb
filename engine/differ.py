"""What changed between two versions of a model, a table or a form: element by element, as lines of the file, and as ids
for the drawing. Where things stand on the drawing is only counted.
"""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from core.errors import N_
from engine import xml
from engine.drafts import FORM
from engine.editing_tree import XSI
from engine.lint_drawing import APPRODO, B, Drawing
from engine.placing import DC, DD, DI

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
MOST_LINES = 20_000
SHOWN_LINES = 2_000
# What only says again what the flows and lanes say, or belongs to the drawing.
SILENT = frozenset({f"{B}incoming", f"{B}outgoing", f"{B}flowNodeRef"})
DRAWN = (DI, DC, DD, "{http://www.omg.org/spec/DMN/20180521/", "{https://www.omg.org/spec/DMN/20191111/DMNDI/")

KINDS = {
    "process": N_("percorso"),
    "participant": N_("percorso sul disegno"),
    "lane": N_("corsia"),
    "userTask": N_("attività"),
    "manualTask": N_("attività"),
    "task": N_("attività"),
    "serviceTask": N_("servizio"),
    "businessRuleTask": N_("decisione"),
    "callActivity": N_("percorso richiamato"),
    "subProcess": N_("sottopercorso"),
    "sequenceFlow": N_("via"),
    "startEvent": N_("inizio"),
    "endEvent": N_("fine"),
    "boundaryEvent": N_("evento sul bordo"),
    "intermediateCatchEvent": N_("attesa"),
    "intermediateThrowEvent": N_("messaggio in uscita"),
    "exclusiveGateway": N_("snodo"),
    "inclusiveGateway": N_("snodo"),
    "parallelGateway": N_("snodo parallelo"),
    "eventBasedGateway": N_("snodo d'attesa"),
    "message": N_("messaggio"),
    "signal": N_("segnale"),
    "error": N_("errore"),
    "decision": N_("tabella"),
    "rule": N_("regola"),
    "input": N_("colonna d'ingresso"),
    "output": N_("colonna d'uscita"),
    "component": N_("campo"),
    "timerEventDefinition": N_("tempo"),
    "messageEventDefinition": N_("messaggio"),
    "signalEventDefinition": N_("segnale"),
    "errorEventDefinition": N_("errore"),
    "multiInstanceLoopCharacteristics": N_("ripetizione"),
    "standardLoopCharacteristics": N_("ripetizione"),
    "dataObject": N_("dato"),
    "dataObjectReference": N_("dato"),
    "inputDataItem": N_("voce dell'elenco"),
}
FIELDS = {
    "name": N_("nome"),
    "nameEn": N_("nome in inglese"),
    "documentation": N_("spiegazione"),
    "group": N_("gruppo"),
    "form": N_("modulo"),
    "due": N_("scadenza"),
    "dueSource": N_("da dove viene la scadenza"),
    "reminders": N_("promemoria"),
    "phase": N_("fase"),
    "service": N_("servizio"),
    "decision": N_("tabella di decisione"),
    "result": N_("risultato in"),
    "calledElement": N_("percorso richiamato"),
    "sourceRef": N_("da"),
    "targetRef": N_("a"),
    "conditionExpression": N_("condizione"),
    "default": N_("via consueta"),
    "attachedToRef": N_("attaccato a"),
    "lane": N_("corsia"),
    "timeDuration": N_("durata"),
    "timeDate": N_("data"),
    "timeCycle": N_("ripetizione"),
    "cancelActivity": N_("ferma il passo"),
    "isSequential": N_("una volta dopo l'altra"),
    "loopCardinality": N_("quante volte"),
    "loopDataInputRef": N_("una volta per ogni voce di"),
    "completionCondition": N_("basta quando"),
    "loopCondition": N_("si ripete finché"),
    "loopMaximum": N_("al massimo quante volte"),
    "input": N_("che cosa passa a «%(name)s»"),
    "output": N_("che cosa torna in «%(name)s»"),
    "startable": N_("si avvia da"),
    "label": N_("etichetta"),
    "text": N_("testo"),
}


@dataclass(frozen=True)
class Detail:
    """One field of an element, before and after; "" where it was not or is no longer. Codes, ids and texts."""

    field: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """What the field is called, in Italian, to be filled with `params`; its own name where there is no other."""
        first, _, inner = self.field.partition(" ")
        named = inner if first.endswith("LoopCharacteristics") else first if self.params else self.field
        return FIELDS.get(named, self.field)

    @property
    def params(self) -> dict[str, str]:
        """Which data a mapping hands over."""
        first, _, inner = self.field.partition(" ")
        return {"name": inner.partition(" ")[0]} if first in ("input", "output") else {}


@dataclass(frozen=True)
class Change:
    """One element that was added, removed or changed. `shown` is the drawn element that it belongs to."""

    what: str
    element: str
    shown: str
    kind: str
    name: str
    details: tuple[Detail, ...] = ()

    @property
    def words(self) -> str:
        """What sort of element it is, in Italian."""
        return KINDS.get(self.kind, self.kind)


@dataclass(frozen=True)
class Difference:
    """Everything that changed. `moved` counts the elements that only stand elsewhere on the drawing."""

    changes: tuple[Change, ...]
    moved: int = 0

    def marks(self) -> dict[str, list[str]]:
        """The ids for the drawing; an element of which only a part was added or removed is changed."""
        found: dict[str, list[str]] = {ADDED: [], REMOVED: [], CHANGED: []}
        whole = {each.element for each in self.changes if each.what != CHANGED}
        for each in self.changes:
            what = each.what if each.element == each.shown else CHANGED
            if each.shown and each.shown not in found[what] and (what != CHANGED or each.shown not in whole):
                found[what].append(each.shown)
        return found


@dataclass(frozen=True)
class _Thing:
    element: str
    shown: str
    kind: str
    name: str
    facts: Mapping[str, "_Value"]


# What is compared and how it is shown: a reference is its id and the name of what it leads to.
_Value = tuple[str, str]
_NOTHING: _Value = ("", "")


def compare(kind: str, old: bytes, new: bytes) -> Difference:
    """What changed from one content to another of the same kind; an empty one has nothing in it."""
    before, after = (_form(data) if kind == FORM else _things(data) for data in (old, new))
    changes = [_change(ADDED, thing) for name, thing in after.items() if name not in before]
    for name, thing in before.items():
        if name not in after:
            changes.append(_change(REMOVED, thing))
        elif details := _details(thing.facts, after[name].facts):
            changes.append(_change(CHANGED, after[name], details))
    order = {name: number for number, name in enumerate(dict.fromkeys([*after, *before]))}
    changes.sort(key=lambda each: order[each.element])
    return Difference(tuple(changes), 0 if kind == FORM else _moved(old, new))


def lines(kind: str, old: bytes, new: bytes) -> list[str] | None:
    """The changed lines of the file with three around them, laid out alike first; None where there are too many."""
    before, after = (_laid_out(kind, data) for data in (old, new))
    if max(len(before), len(after)) > MOST_LINES:
        return None
    found = list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
    return found if len(found) <= SHOWN_LINES else None


def _change(what: str, thing: _Thing, details: tuple[Detail, ...] = ()) -> Change:
    if what == ADDED:
        details = tuple(Detail(field, "", shown) for field, (_, shown) in thing.facts.items() if field != "name")
    return Change(what, thing.element, thing.shown, thing.kind, thing.name, details)


def _details(before: Mapping[str, _Value], after: Mapping[str, _Value]) -> tuple[Detail, ...]:
    fields = dict.fromkeys([*after, *before])
    pairs = ((field, before.get(field, _NOTHING), after.get(field, _NOTHING)) for field in fields)
    return tuple(Detail(field, old[1], new[1]) for field, old, new in pairs if old[0] != new[0])


def _things(data: bytes) -> dict[str, _Thing]:
    if not data:
        return {}
    root = xml.parse(data)
    drawing = Drawing(root)
    named = {element.get("id", ""): drawing.label(element) for element in root.iter() if element.get("id")}
    lanes = {
        (reference.text or "").strip(): (lane.get("id", ""), drawing.label(lane))
        for lane in root.iter(f"{B}lane")
        for reference in lane.iterfind(f"{B}flowNodeRef")
    }
    rules = {rule.get("id"): str(number) for number, rule in enumerate(root.iter("{*}rule"), 1)}
    found = {}
    for element in root.iter("*"):
        name = element.get("id")
        if not name or element.tag.startswith(DRAWN) or element is root:
            continue
        facts = dict(_facts(element, named))
        if name in lanes:
            facts["lane"] = lanes[name]
        shown = element if _is_drawn(element) else next(filter(_is_drawn, element.iterancestors()), None)
        label = rules.get(name) or _label(element, named, shown)
        found[name] = _Thing(name, "" if shown is None else shown.get("id", ""), _local(element.tag), label, facts)
    return found


def _is_drawn(element: etree._Element) -> bool:
    flow = _local(element.tag).endswith(("Task", "Event", "Gateway", "Flow", "task", "Activity", "Process"))
    return bool(element.get("id")) and (flow or element.tag in (f"{B}lane", f"{B}participant"))


def _label(element: etree._Element, named: Mapping[str, str], shown: etree._Element | None) -> str:
    if element.tag == f"{B}sequenceFlow" and not element.get("name"):
        return " → ".join(named.get(element.get(end, ""), "?") for end in ("sourceRef", "targetRef"))
    owner = element if element.get("name") or shown is None else shown
    return named.get(owner.get("id", ""), "")


def _facts(element: etree._Element, named: Mapping[str, str]) -> Iterator[tuple[str, _Value]]:
    """The attributes of an element, and those and the texts of all inside it that has no id of its own."""
    for key, value in element.attrib.items():
        field = _local(str(key))
        if str(key) not in ("id", XSI):
            text = " ".join(str(value).split())
            yield field, (text, named.get(text, text) if field.endswith("Ref") or field == "default" else text)
    text = (element.text or "").strip()
    if text:
        yield "text", (text, text)
    for child in element.iterchildren("*"):
        if child.get("id") or child.tag in SILENT:
            continue
        for field, fact in _facts(child, named):
            place = _local(child.tag)
            if place == "extensionElements":
                yield field, fact
            elif place in ("input", "output") and str(child.tag).startswith(APPRODO):
                if field == "target":  # it stands in the name of the field
                    continue
                yield f"{place} {child.get('target', '')} {field}".strip(), fact
            else:
                yield place if field == "text" else f"{place} {field}", fact


def _moved(old: bytes, new: bytes) -> int:
    before, after = _places(old), _places(new)
    return sum(name in before and before[name] != place for name, place in after.items())


def _places(data: bytes) -> dict[str, tuple[str | None, ...]]:
    if not data:
        return {}
    shapes = xml.parse(data).iter(f"{DI}BPMNShape")
    bounds = ((shape.get("bpmnElement", ""), shape.find(f"{DC}Bounds")) for shape in shapes)
    sides = ("x", "y", "width", "height")
    return {name: tuple(each.get(side) for side in sides) for name, each in bounds if each is not None}


def _form(data: bytes) -> dict[str, _Thing]:
    schema: Any = json.loads(data) if data else {}
    found: dict[str, _Thing] = {}
    for part in _components(schema.get("components", [])):
        plain = dict(_flat({key: value for key, value in part.items() if key not in ("components", "id", "layout")}))
        facts = {field: (text, text) for field, text in plain.items()}
        name = str(part.get("key") or part.get("id") or len(found))
        label = str(part.get("label") or part.get("dateLabel") or part.get("text") or name)
        found[name] = _Thing(name, "", "component", label[:80], facts)
    return found


def _components(parts: Any) -> Iterator[dict[str, Any]]:
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict):
            yield part
            yield from _components(part.get("components"))


def _flat(value: Any, before: str = "") -> Iterator[tuple[str, str]]:
    pairs: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = ((str(number), each) for number, each in enumerate(value, 1))
    else:
        yield before, str(value)
    for key, each in pairs:
        yield from _flat(each, f"{before} {key}".strip())


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


def _local(name: str) -> str:
    return name.rpartition("}")[2]
