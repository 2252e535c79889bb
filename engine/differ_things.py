"""The elements of a BPMN or DMN file with what each of them says, to be compared."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, dropwhile

from lxml import etree

from engine.differ_words import HERE, Detail
from engine.editing_tree import XSI
from engine.lint_drawing import ACTIVITIES, APPRODO, NODES, SCOPES, B, Drawing, kind
from engine.placing import DC, DD, DI

# What only says again what the flows and lanes say, or belongs to the drawing.
SILENT = frozenset({f"{B}incoming", f"{B}outgoing", f"{B}flowNodeRef"})
DRAWN = re.compile(rf"{'|'.join(map(re.escape, (DI, DC, DD)))}|{{https?://www\.omg\.org/spec/DMN/\d+/(DMNDI|DI|DC)/}}")
UNSAID = frozenset({"exporter", "exporterVersion"})  # which program wrote the file
HOME = re.compile(rf"{re.escape(B)}|{re.escape(APPRODO)}|{{https?://www\.omg\.org/spec/DMN/\d+/(MODEL/|dmn\.xsd)}}")
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
        "text",
    }
)
# What holds where nothing is said (BPMN 2.0 and DMN 1.3): programs leave it out or write it, and both are the same.
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    **{name: {"isForCompensation": "false"} for name in ACTIVITIES},
    **{
        name: {"isForCompensation": "false", "triggeredByEvent": "false"}
        for name in ("subProcess", "transaction", "adHocSubProcess")
    },
    "boundaryEvent": {"cancelActivity": "true", "parallelMultiple": "false"},
    "startEvent": {"isInterrupting": "true", "parallelMultiple": "false"},
    "intermediateCatchEvent": {"parallelMultiple": "false"},
    "eventBasedGateway": {"instantiate": "false"},
    "receiveTask": {"isForCompensation": "false", "instantiate": "false"},
    "multiInstanceLoopCharacteristics": {"isSequential": "false"},
    "standardLoopCharacteristics": {"testBefore": "false"},
    "process": {"isClosed": "false"},
    "dataObject": {"isCollection": "false"},
    "decisionTable": {"hitPolicy": "UNIQUE"},
}
# Which of several foreign elements one is, said by the first of these.
NAMING = ("id", "name", "key", "target")
CELLS = ("inputEntry", "outputEntry")
HOLDERS = frozenset({"laneSet", "childLaneSet"})
OUTERMOST = frozenset({"process", "collaboration", "definitions"})
LONGEST_NAME = 80

# What is compared and how it is shown: a reference is its id and the name of what it leads to.
Value = tuple[str, str]
NOTHING: Value = ("", "")
# The way from an element to what it says: names, and which of several is meant. A name of another program has its
# namespace before it, as lxml writes it: nothing that bears the same name elsewhere can stand in its place.
Path = tuple[tuple[str, str], ...]
TEXT: Path = (("text", ""),)
PRESENT = ("", "")  # the last step of the way to that a part is there at all


@dataclass(frozen=True)
class Thing:
    """One element: its id, the drawn element that it belongs to, its sort and name, what it says by the way to it, and
    of a gateway that takes the first way whose condition holds these ways in their order."""

    element: str
    shown: str
    kind: str
    name: str
    facts: Mapping[Path, Value]
    ways: tuple[Value, ...] = ()


def things(root: etree._Element) -> dict[str, Thing]:
    """Every element with an id, but for the rows of tables (`differ_tables`), and by "" the file itself."""
    drawing = Drawing(root)
    named = _names(drawing)
    lanes = {
        (reference.text or "").strip(): (lane.get("id", ""), drawing.label(lane))
        for lane in root.iter(f"{B}lane")
        for reference in lane.iterfind(f"{B}flowNodeRef")
    }
    rows = {part for rule in root.iter("{*}rule") if is_home(rule.tag) for part in rule.iter("*")}
    found = {"": Thing("", "", "definitions", "", collect(facts_of(root, named)))}
    for element in root.iter("*"):
        if element is root or element in rows or not _is_thing(element):
            continue
        name, sort = element.get("id", ""), plain(element.tag)
        own: list[tuple[Path, Value]] = [((("sort", ""),), (sort, sort)), *_home_of(element, drawing, named)]
        if name in lanes:
            own.append(((("lane", ""),), lanes[name]))
        shown = element if _is_drawn(element) else next(filter(_is_drawn, element.iterancestors()), None)
        thing = Thing(
            name,
            "" if shown is None else shown.get("id", ""),
            "frame" if element.tag == f"{B}group" else sort,
            _label(element, named, shown),
            collect([*own, *facts_of(element, named)]),
            tuple(_ways(element, drawing, named)),
        )
        found[name if name not in found else f"{name} {len(found)}"] = thing
    return found


def facts_of(element: etree._Element, named: Mapping[str, str], *, whole: bool = False) -> Iterator[tuple[Path, Value]]:
    """The attributes of an element, and those and the texts of all inside it that has no id of its own (`whole`: of all
    inside it), each with the way to it; that a part is there is said even of an empty one."""
    yield from _attributes(element, named)
    text = "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
    if text:
        yield TEXT, (text, text)
    seen: Counter[tuple[str, str]] = Counter()
    for child in chain.from_iterable(_opened(each) for each in element.iterchildren("*")):
        name = plain(child.tag)
        if child.tag in SILENT or DRAWN.match(child.tag) or name == "rule":
            continue
        if _is_thing(child) and not whole:
            continue
        inside = facts_of(child, named, whole=whole)
        if name != "text":
            step = name, _naming(child)[1]
            seen[step] += 1
            step = (name, f"{step[1]} {seen[step]}".strip()) if seen[step] > 1 else step
            yield (step, PRESENT), (HERE, HERE)
            inside = (((step,) if path == TEXT else (step, *path), fact) for path, fact in inside)
        yield from inside


def _opened(child: etree._Element) -> Iterable[etree._Element]:
    """What stands in a bag for extensions belongs to the element that has it, however many there are."""
    return child.iterchildren("*") if local(child.tag) == "extensionElements" and is_home(child.tag) else (child,)


def collect(pairs: Iterable[tuple[Path, Value]]) -> dict[Path, Value]:
    """All of it by the way to it: what is said twice is kept twice."""
    found: dict[Path, Value] = {}
    for path, fact in pairs:
        number, key = 1, path
        while key in found:
            number += 1
            key = (*path[:-1], (path[-1][0], f"{path[-1][1]} {number}".strip()))
        found[key] = fact
    return found


def details(before: Mapping[Path, Value], after: Mapping[Path, Value]) -> Iterator[Detail]:
    """What differs; that a part came or went is told only where nothing is told of what it says."""
    both = ((path, before.get(path, NOTHING), after.get(path, NOTHING)) for path in dict.fromkeys([*after, *before]))
    told = [each for each in both if each[1][0] != each[2][0]]
    longer = {path[:end] for path, _, _ in told for end in range(len(path) - (path[-1] == PRESENT))}
    longer |= {path for path, _, _ in told if path[-1] != PRESENT}
    for path, old, new in told:
        if path[-1] != PRESENT:
            yield _detail(path, *apart(old, new))
        elif path[:-1] not in longer:
            yield _detail(path[:-1], old[1], new[1])


def apart(old: Value, new: Value) -> tuple[str, str]:
    """What is shown of two values; two elements of the same name also by their ids."""
    if old[1] != new[1]:
        return old[1], new[1]
    return f"{old[1]} ({old[0]})", f"{new[1]} ({new[0]})"


def is_default(sort: str, path: Path, fact: Value) -> bool:
    """Whether this is what holds anyway of an element of this sort, and says nothing new of one that came."""
    name = path[0][0]
    return len(path) == 1 and name != "cancelActivity" and DEFAULTS.get(sort, {}).get(name) == fact[0]


def local(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


@lru_cache(1_000)
def plain(tag: str) -> str:
    """The name of an element of BPMN, DMN or our own; one of another program keeps its namespace."""
    return local(tag) if is_home(tag) else tag if tag.startswith("{") else f"{{}}{tag}"


@lru_cache(1_000)
def is_home(tag: str) -> bool:
    """Whether an element is of BPMN, of DMN or our own."""
    return bool(HOME.match(tag))


def _attributes(element: etree._Element, named: Mapping[str, str]) -> Iterator[tuple[Path, Value]]:
    (naming, _), space = _naming(element), XSI.rpartition("}")[0]
    given = {str(key): str(value) for key, value in element.attrib.items()}
    ours = {key.removeprefix(APPRODO): value for key, value in given.items() if key.startswith(APPRODO)}
    rest = [(key, value) for key, value in given.items() if not key.startswith(APPRODO)]
    usual = DEFAULTS.get(plain(element.tag), {}).items()
    for key, value in (*((key, value) for key, value in usual if key not in given), *ours.items(), *rest):
        if key not in (naming, "id", *UNSAID) and not key.startswith(space):
            text = value if '"' in value else " ".join(value.split())  # a text inside an expression is as it is
            is_name = key.endswith("Ref") or key == "default"
            yield ((key, ""),), (text, named.get(text, text) if is_name else text)


def _naming(element: etree._Element) -> Value:
    """The attribute that says which of several an element is, and what it says; "" if none does."""
    if element.tag in (f"{APPRODO}input", f"{APPRODO}output"):
        return "target", element.get("target", "")
    names = () if is_home(element.tag) else NAMING
    return next(((name, element.get(name, "")) for name in names if element.get(name)), NOTHING)


def _detail(path: Path, before: str, after: str) -> Detail:
    field, column = " ".join(name for name, _ in path), path[0][1] if path[0][0] in CELLS else ""
    if "{" in field:
        own = dropwhile(lambda step: "{" not in step[0], path)
        shown = " ".join(f"{local(name)} «{which}»" if which else local(name) for name, which in own)
        return Detail(field, before, after, shown, column)
    return Detail(field, before, after, next((which for _, which in path if which), ""), column)


def _home_of(element: etree._Element, drawing: Drawing, named: Mapping[str, str]) -> Iterator[tuple[Path, Value]]:
    """The subprocess that it stands in, or what it is a part of. The process is not told, nor what a way stands in
    where this only follows the step that it comes from."""
    parent = _parent(element)
    source = drawing.by_id.get(element.get("sourceRef", "")) if element.tag == f"{B}sequenceFlow" else None
    if parent is None or plain(parent.tag) in OUTERMOST or (source is not None and _parent(source) is parent):
        return
    name = parent.get("id", "")
    yield (("scope" if kind(parent) in SCOPES else "owner", ""),), (name, named.get(name, name))


def _parent(element: etree._Element) -> etree._Element | None:
    above = (each for each in element.iterancestors() if _is_thing(each) and plain(each.tag) not in HOLDERS)
    return next(above, None)


def _ways(element: etree._Element, drawing: Drawing, named: Mapping[str, str]) -> Iterator[Value]:
    """The ways that are asked one after the other until the condition of one holds (`game.gateways.exclusive`)."""
    if element.tag == f"{B}exclusiveGateway":
        for flow in drawing.outgoing.get(element.get("id", ""), ()):
            name, target = flow.get("id", ""), flow.get("targetRef", "")
            if name != element.get("default"):
                yield name, " ".join((flow.get("name") or f"→ {_within(named.get(target, target))}").split())


def _is_thing(element: etree._Element) -> bool:
    """Whether it is told by itself: of BPMN or DMN, with an id, and no part that people know no name for."""
    own = is_home(element.tag) and not element.tag.startswith(APPRODO) and local(element.tag) not in PARTS
    return own and bool(element.get("id")) and not DRAWN.match(element.tag)


def _is_drawn(element: etree._Element) -> bool:
    drawn = kind(element) in NODES or element.tag in (f"{B}{name}" for name in ("sequenceFlow", "lane", "participant"))
    return bool(element.get("id")) and drawn


def _names(drawing: Drawing) -> dict[str, str]:
    """What every element is called by its id: its name, what it says or where it leads; else its id."""
    elements = {element.get("id", ""): element for element in drawing.root.iter("*") if element.get("id")}
    given = {name: " ".join((each.get("name") or _text_of(each)).split()) for name, each in elements.items()}
    given |= {name: _onward(drawing, name, given) for name in drawing.by_id if given.get(name) == ""}
    return {
        name: said or _between(elements[name], given) or drawing.label(elements[name]) for name, said in given.items()
    }


def _text_of(element: etree._Element) -> str:
    """What a note on the drawing says, from its beginning."""
    return _short(element.findtext(f"{B}text") or "") if element.tag == f"{B}textAnnotation" else ""


def _onward(drawing: Drawing, name: str, given: Mapping[str, str]) -> str:
    ends = (given.get(flow.get("targetRef", "")) for flow in drawing.outgoing.get(name, ()))
    onward = " / ".join(dict.fromkeys(filter(None, ends)))
    return _short(f"→ {onward}") if onward else ""


def _between(element: etree._Element, given: Mapping[str, str]) -> str:
    """What lies at both ends of something without a name of its own, such as an arrow."""
    ends = [element.get(end, "").rpartition(":")[2] for end in ("sourceRef", "targetRef") if is_home(element.tag)]
    return " → ".join(_within(given.get(end) or end or "?") for end in ends) if any(ends) else ""


def _within(name: str) -> str:
    """A name inside another one that has arrows."""
    return f"({name})" if name.startswith("→") else name


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def _label(element: etree._Element, named: Mapping[str, str], shown: etree._Element | None) -> str:
    """What to call it, or what it belongs to on the drawing; "" where there is nothing but an id."""
    if element.get("label"):
        return element.get("label", "")
    if element.tag == f"{B}sequenceFlow" and element.get("name"):  # of ways called "yes" a pathway has many
        return f"{named[element.get('id', '')]}: {_between(element, named)}"
    names = (each.get("id", "") for each in (element, shown) if each is not None)
    return next((named[name] for name in names if named[name] != name), "")
