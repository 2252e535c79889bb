"""The elements of a BPMN or DMN file with what each of them says, to be compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.editing_tree import XSI
from engine.lint_drawing import APPRODO, B, Drawing
from engine.placing import DC, DD, DI

# What only says again what the flows and lanes say, or belongs to the drawing.
SILENT = frozenset({f"{B}incoming", f"{B}outgoing", f"{B}flowNodeRef"})
DRAWN = (DI, DC, DD, "{http://www.omg.org/spec/DMN/20180521/", "{https://www.omg.org/spec/DMN/20191111/DMNDI/")
# Parts of a decision or of its columns that people know no name for: what they say is said of their owner.
PARTS = frozenset(
    {
        "decisionTable",
        "literalExpression",
        "variable",
        "inputExpression",
        "inputValues",
        "outputValues",
        "defaultOutputEntry",
    }
)

# What is compared and how it is shown: a reference is its id and the name of what it leads to.
Value = tuple[str, str]
NOTHING: Value = ("", "")


@dataclass(frozen=True)
class Thing:
    """One element: its id, the drawn element that it belongs to, its sort and name, and what it says by field."""

    element: str
    shown: str
    kind: str
    name: str
    facts: Mapping[str, Value]
    lang: str = "it"


def things(root: etree._Element) -> dict[str, Thing]:
    """Every element with an id, but for the rows of tables (`differ_tables`)."""
    drawing = Drawing(root)
    named = {element.get("id", ""): drawing.label(element) for element in root.iter() if element.get("id")}
    lanes = {
        (reference.text or "").strip(): (lane.get("id", ""), drawing.label(lane))
        for lane in root.iter(f"{B}lane")
        for reference in lane.iterfind(f"{B}flowNodeRef")
    }
    rows = {part for rule in root.iter("{*}rule") for part in rule.iter("*")}
    found = {}
    for element in root.iter("*"):
        name = element.get("id")
        if not name or element.tag.startswith(DRAWN) or element is root or element in rows or _is_part(element):
            continue
        facts = dict(facts_of(element, named))
        if name in lanes:
            facts["lane"] = lanes[name]
        shown = element if _is_drawn(element) else next(filter(_is_drawn, element.iterancestors()), None)
        label = _label(element, named, shown)
        found[name] = Thing(name, "" if shown is None else shown.get("id", ""), local(element.tag), label, facts)
    return found


def facts_of(element: etree._Element, named: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
    """The attributes of an element, and those and the texts of all inside it that has no id of its own."""
    said: dict[Any, Any] = {"hitPolicy": "UNIQUE"} if local(element.tag) == "decisionTable" else {}  # if it says none
    for key, value in {**said, **element.attrib}.items():
        field = local(str(key))
        if str(key) not in ("id", XSI):
            text = " ".join(str(value).split())
            yield field, (text, named.get(text, text) if field.endswith("Ref") or field == "default" else text)
    text = (element.text or "").strip()
    if text:
        yield "text", (text, text)
    for child in element.iterchildren("*"):
        place = local(child.tag)
        if child.tag in SILENT or place == "rule" or (child.get("id") and not _is_part(child)):
            continue
        for field, fact in facts_of(child, named):
            if place == "extensionElements":
                yield field, fact
            elif place in ("input", "output") and str(child.tag).startswith(APPRODO):
                if field == "target":  # it stands in the name of the field
                    continue
                yield f"{place} {child.get('target', '')} {field}".strip(), fact
            else:
                yield place if field == "text" else f"{place} {field}", fact


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def _is_part(element: etree._Element) -> bool:
    return local(element.tag) in PARTS


def _is_drawn(element: etree._Element) -> bool:
    flow = local(element.tag).endswith(("Task", "Event", "Gateway", "Flow", "task", "Activity", "Process"))
    return bool(element.get("id")) and (flow or element.tag in (f"{B}lane", f"{B}participant"))


def _label(element: etree._Element, named: Mapping[str, str], shown: etree._Element | None) -> str:
    if element.tag == f"{B}sequenceFlow" and not element.get("name"):
        return " → ".join(named.get(element.get(end, ""), "?") for end in ("sourceRef", "targetRef"))
    if element.get("label"):
        return element.get("label", "")
    owner = element if element.get("name") or shown is None else shown
    return named.get(owner.get("id", ""), "")
