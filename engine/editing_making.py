"""What is made and taken away inside the steps of a model: times on a border, repetitions, data mappings."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from core.errors import N_, InvalidForm, NotYours
from engine import editing_tree as tree
from engine.editing import Editor
from engine.lint_drawing import ACTIVITIES, APPRODO, GATEWAYS, B, kind
from engine.placing import GAP, HEIGHT, WIDTH, Box

EVENT, END = 36.0, 36.0
NON_INTERRUPTING, INTERRUPTING, CYCLE = "non_interrupting", "interrupting", "cycle"
NUMBER, LIST, WHILE = "number", "list", "while"
SEVERAL, AGAIN_AND_AGAIN = f"{B}multiInstanceLoopCharacteristics", f"{B}standardLoopCharacteristics"
NAME = re.compile(r"[^\W\d]\w{0,79}")
# What may be told, and what may answer (engine/lint_elements.py: elsewhere a mapping has no effect).
TOLD = frozenset({"serviceTask", "businessRuleTask", "callActivity", "subProcess", "transaction"})


@dataclass(frozen=True)
class Timer:
    """A time on the border of a step. `way`: stop (the step ends), aside (it goes on), again (each time anew).

    `when`: a duration or an expression; `step`: the name of a new task there, or none, for `group` and due as said in
    `facts`; `target`: the element that comes then, or "" for an end of its own.
    """

    name: str
    when: str
    way: str = NON_INTERRUPTING
    name_en: str = ""
    step: str = ""
    facts: Mapping[str, str] | None = None
    target: str = ""


def targets(editor: Editor, element: str) -> list[str]:
    """Where a way from the border of a step may lead: the elements of its scope that arrows may end at."""
    node = editor.node(element)
    nodes = (each for each in editor.drawing.nodes if each.getparent() is node.getparent())
    wanted = ACTIVITIES | GATEWAYS | {"endEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
    by_event = (each for each in nodes if kind(each) in wanted and each.get("triggeredByEvent") != "true")
    return [each.get("id", "") for each in by_event if each is not node and not _is_arrival(each)]


def set_timer(editor: Editor, element: str, timer: Timer) -> str:
    """Put a time on the border of a step, with where it leads and its drawing; returns the id of the event."""
    host = editor.node(element)
    if kind(host) not in ACTIVITIES or (timer.target and timer.target not in targets(editor, element)):
        raise NotYours
    event = etree.Element(f"{B}boundaryEvent", {"id": editor.new_id(f"{element}_time"), "attachedToRef": element})
    if timer.way != INTERRUPTING:
        event.set("cancelActivity", "false")
    tree.put(event, "name", {"name": timer.name})
    tree.put(event, f"{APPRODO}nameEn", {"name": timer.name_en}, "name")
    definition = etree.SubElement(event, f"{B}timerEventDefinition", {"id": f"{event.get('id')}_definition"})
    shape = "timeCycle" if timer.way == CYCLE else "timeDuration"
    tree.insert_after(host, event)
    etree.SubElement(definition, f"{B}{shape}", tree.formal(host)).text = timer.when
    editor.join_lane(event, host)
    editor.reread()
    made = [event.get("id", "")]
    if timer.step:
        made.append(_put_behind(editor, "userTask", editor.new_id("step"), made[-1]))
    if not timer.target:
        made.append(_put_behind(editor, "endEvent", editor.new_id("end"), made[-1]))
    else:
        flow_id = editor.new_id(f"{made[-1]}__next")
        editor.link(flow_id, made[-1], timer.target, after=editor.node(made[-1]))
    _draw(editor, element, made)
    if timer.step:
        editor.change(made[1], {"name": timer.step, **(timer.facts or {})})
    return made[0]


def repeat(editor: Editor, element: str, said: Mapping[str, str]) -> None:
    """Let a step be done several times, or (kind "") once: by `kind` number, list or while.

    `value`: how often, the name of the list, or the condition; `item`: what one entry of the list is called; `order`:
    "one" (one after the other) or "all"; `until`: when it is enough; `most`: how often at most (while only). What
    others wrote into a repetition of the same sort stays. Raises InvalidForm.
    """
    node, sort = editor.node(element), said.get("kind", "")
    if kind(node) not in ACTIVITIES:
        raise NotYours
    if all(tree.plain(said.get(name)) == text for name, text in repetition(editor, element).items()):
        return
    tag = {NUMBER: SEVERAL, LIST: SEVERAL, WHILE: AGAIN_AND_AGAIN}.get(sort, "")
    loop = next((each for each in node if each.tag in (SEVERAL, AGAIN_AND_AGAIN)), None)
    if loop is not None and loop.tag != tag:
        tree.take_away(loop)
        loop = None
    if not tag:
        return
    if loop is None:
        loop = etree.Element(tag)
        _insert_loop(node, loop)
    if sort == WHILE:
        _part(loop, "loopCondition", said.get("value", ""))
        tree.put(loop, "loopMaximum", said, "most")
        return
    loop.set("isSequential", "true" if said.get("order") == "one" else "false")
    _part(loop, "loopCardinality", said.get("value", "") if sort == NUMBER else "")
    _list(editor, node, loop, said if sort == LIST else {})
    _part(loop, "completionCondition", said.get("until", ""))


def repetition(editor: Editor, element: str) -> dict[str, str]:
    """How a step is repeated, as `repeat` takes it."""
    node = editor.node(element)
    again = node.find(AGAIN_AND_AGAIN)
    if again is not None:
        condition = tree.said(again.find(f"{B}loopCondition"))
        return {"kind": WHILE, "value": condition, "most": tree.plain(again.get("loopMaximum"))}
    several = node.find(SEVERAL)
    if several is None:
        return {"kind": ""}
    parts = ("loopCardinality", "loopDataInputRef", "completionCondition")
    number, name, until = (tree.said(several.find(f"{B}{part}")) for part in parts)
    item = several.find(f"{B}inputDataItem")
    return {
        "kind": LIST if name else NUMBER,
        "value": name or number,
        **({"item": tree.plain(item.get("name")) if item is not None else ""} if name else {}),
        "order": "one" if several.get("isSequential") in ("true", "1") else "all",
        "until": until,
    }


def add_mapping(editor: Editor, element: str, way: str, target: str, expression: str) -> None:
    """Add what a step is told (`way` input) or what is made of its answer (output). Raises InvalidForm."""
    node = editor.node(element)
    if way not in ways(kind(node)):
        raise NotYours
    inside = node.find(f"{B}extensionElements")
    if not NAME.fullmatch(target):
        raise InvalidForm({"target": [N_("Un nome di dato: lettere, cifre e trattini bassi, senza spazi.")]})
    if not expression.strip():
        raise InvalidForm({"expression": [N_("Scrivi da dove viene il valore.")]})
    if inside is not None and any(each.get("target") == target for each in inside.findall(f"{APPRODO}{way}")):
        raise InvalidForm({"target": [N_("C'è già: cambialo nella pagina del passo, o toglilo prima.")]})
    if inside is None:
        inside = etree.Element(f"{B}extensionElements")
        node.insert(sum(kind(each) == "documentation" for each in node), inside)
    made = etree.Element(f"{APPRODO}{way}", {"target": target, "expression": tree.plain(expression)})
    same = inside.findall(f"{APPRODO}{way}")
    if same:
        tree.insert_after(same[-1], made)
    else:
        inside.append(made)


def remove_mapping(editor: Editor, element: str, way: str, target: str) -> None:
    """Take such a mapping away. Raises NotYours if there is none."""
    inside = editor.node(element).find(f"{B}extensionElements")
    found = [] if inside is None or way not in ("input", "output") else inside.findall(f"{APPRODO}{way}")
    found = [each for each in found if each.get("target", "") == target]
    if not found or inside is None:
        raise NotYours
    for each in found:
        tree.take_away(each)
    if not len(inside):
        tree.take_away(inside)


def ways(sort: str) -> tuple[str, ...]:
    """Which mappings an element of this kind may have."""
    return ("input", "output") if sort in TOLD else ("output",) if sort in ACTIVITIES else ()


def _is_arrival(node: etree._Element) -> bool:
    """Where a link arrives no arrow ends."""
    return kind(node) == "intermediateCatchEvent" and node.find(f"{B}linkEventDefinition") is not None


def _put_behind(editor: Editor, sort: str, made: str, before: str) -> str:
    previous = editor.node(before)
    node = etree.Element(f"{B}{sort}", {"id": made})
    tree.insert_after(previous, node)
    editor.join_lane(node, previous)
    editor.reread()
    editor.link(editor.new_id(f"{before}__next"), before, made, after=node)
    return made


def _draw(editor: Editor, host: str, made: list[str]) -> None:
    """The event on the lower border of its step, what follows it in a row below; room is made if there is none."""
    canvas, place = editor.canvas, editor.canvas.box(host)
    if place is None:
        return
    others = [each.get("id", "") for each in editor.drawing.nodes if each.get("id") not in canvas.wide]
    attached = [each.get("id", "") for each in editor.drawing.boundaries.get(host, ()) if each.get("id") != made[0]]
    spots = [Box(place.right - EVENT - 8 - step * 8, place.bottom - EVENT / 2, EVENT, EVENT) for step in range(12)]
    spots = [spot for spot in spots if spot.x >= place.x - EVENT / 2]
    event = next((spot for spot in spots if canvas.is_free(spot, attached)), spots[0])
    row = _row(editor, event, place, made[1:])
    if row and not all(canvas.is_free(box, others) and _fits(editor, host, box) for box in row):
        canvas.make_room(place.bottom + 1, editor.ends(), "y")
        while (home := editor.home(host)) is not None and row[-1].right + GAP > home.right:
            canvas.make_room(home.right - 1, editor.ends())
    for name, box in zip(made, [event, *row], strict=True):
        canvas.place(name, box)
    for name in made:
        for flow in editor.drawing.outgoing.get(name, ()):
            editor.draw(flow)


def _row(editor: Editor, event: Box, place: Box, made: list[str]) -> list[Box]:
    row: list[Box] = []
    for name in made:
        width, height = (END, END) if kind(editor.node(name)) == "endEvent" else (WIDTH, HEIGHT)
        left = row[-1].right if row else event.right
        row.append(Box(left + GAP, place.bottom + GAP + (HEIGHT - height) / 2, width, height))
    return row


def _fits(editor: Editor, host: str, box: Box) -> bool:
    home = editor.home(host)
    return home is None or (box.right + GAP <= home.right and box.bottom + GAP / 2 <= home.bottom)


# -- repetitions -------------------------------------------------------------------------------------------------------

# What the schema wants before the repetition of an activity, and the order of what is in it.
_BEFORE = (
    "documentation", "extensionElements", "auditing", "monitoring", "categoryValueRef", "incoming", "outgoing",
    "ioSpecification", "property", "dataInputAssociation", "dataOutputAssociation", "resourceRole", "performer",
    "humanPerformer", "potentialOwner",
)  # fmt: skip
_INSIDE = (
    "documentation", "extensionElements", "loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
    "outputDataItem", "complexBehaviorDefinition", "completionCondition", "loopCondition",
)  # fmt: skip


def _insert_loop(node: etree._Element, loop: etree._Element) -> None:
    before = [number for number, child in enumerate(node, 1) if kind(child) in _BEFORE]
    node.insert(before[-1] if before else 0, loop)


def _part(loop: etree._Element, name: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    """Write one part of a repetition where the schema wants it; nothing said is no part."""
    found = loop.find(f"{B}{name}")
    if not text.strip():
        if found is not None:
            tree.take_away(found)
        return
    if found is None:
        found = etree.Element(f"{B}{name}", dict(tree.formal(loop) if attributes is None else attributes))
        earlier = _INSIDE[: _INSIDE.index(name)]
        loop.insert(sum(kind(child) in earlier or not isinstance(child.tag, str) for child in loop), found)
    tree.say(found, text)


def _list(editor: Editor, node: etree._Element, loop: etree._Element, said: Mapping[str, str]) -> None:
    """The list that is gone through, by the name of its data: other programs want a data object of that name."""
    name, item = said.get("value", "").strip(), said.get("item", "").strip()
    _part(loop, "loopDataInputRef", name, {})
    found = loop.find(f"{B}inputDataItem")
    if found is not None and not item:
        tree.take_away(found)
    elif item:
        if found is None:
            _part(loop, "inputDataItem", "-", {"id": editor.new_id(f"{node.get('id')}_item")})
            found = loop.find(f"{B}inputDataItem")
        assert found is not None  # noqa: S101 - just made
        found.text = None
        found.set("name", item)
    if not name:
        return
    for field, word in (("value", name), ("item", item)):
        if word and not NAME.fullmatch(word):
            raise InvalidForm({field: [N_("Un nome di dato: lettere, cifre e trattini bassi, senza spazi.")]})
    owner = next((each for each in editor.root.iter(f"{B}*") if each.get("id") == name), None)
    if owner is not None and kind(owner) not in ("dataObject", "dataObjectReference"):
        raise InvalidForm({"value": [N_("Nel disegno c'è già un elemento con questo nome: scegline un altro.")]})
    tree.offer_data(node, name)
