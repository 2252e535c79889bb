"""Random edits to a random model, as a coordinator makes them, and the judge's own way of going on with the new drawing.

The judge shares nothing with the engine's move: it knows what the edit did, the engine has to find out.
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from lxml import etree

from tests.engine.judge import Judge
from tests.engine.judge_state import Alarm
from tests.engine.sheet import B, Sheet

X = "{urn:approdo:bpmn:1}"


@dataclass
class Edit:
    """A new drawing: ids of elements that were renamed, and of flows by which the same place is reached now."""

    xml: bytes
    names: dict[str, str] = field(default_factory=dict)
    ways: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)


def edit(xml: bytes, dice: Random) -> Edit:
    """One to three edits, one after the other."""
    root = etree.fromstring(xml)
    made = Edit(b"")
    for number in range(dice.randint(1, 3)):
        change = dice.choice((insert, insert, rename, remove, remind))
        change(root, made, f"new{number}", dice)
    made.xml = etree.tostring(root)
    return made


def _people(root: etree._Element) -> list[etree._Element]:
    return list(root.iter(f"{B}userTask"))


def _flows(root: etree._Element) -> list[etree._Element]:
    return list(root.iter(f"{B}sequenceFlow"))


def _task(name: str) -> etree._Element:
    return etree.Element(f"{B}userTask", {"id": name, f"{X}group": "g"})


def insert(root: etree._Element, made: Edit, name: str, dice: Random) -> None:
    """A person's step on a flow; the flow keeps its id up to the new step."""
    waiting = {gateway.get("id") for gateway in root.iter(f"{B}eventBasedGateway")}
    flows = [flow for flow in _flows(root) if flow.get("sourceRef") not in waiting]
    if not flows:
        return
    flow = dice.choice(flows)
    onward = etree.Element(
        f"{B}sequenceFlow", {"id": f"f_{name}", "sourceRef": name, "targetRef": flow.get("targetRef", "")}
    )
    flow.set("targetRef", name)
    parent = flow.getparent()
    assert parent is not None
    parent.extend([_task(name), onward])
    _way(made, flow.get("id", ""), f"f_{name}")
    made.done.append(f"insert {name} on {flow.get('id')}")


def rename(root: etree._Element, made: Edit, name: str, dice: Random) -> None:
    """A person's step gets another id."""
    people = [task for task in _people(root) if not task.get("id", "").startswith("new")]
    if not people:
        return
    task = dice.choice(people)
    old, new = task.get("id", ""), f"{task.get('id')}_{name}"
    for element in root.iter():
        for attribute in ("id", "sourceRef", "targetRef", "attachedToRef"):
            if element.get(attribute) == old:
                element.set(attribute, new)
    first = next((before for before, after in made.names.items() if after == old), old)
    made.names[first] = new
    made.done.append(f"rename {old} to {new}")


def remove(root: etree._Element, made: Edit, name: str, dice: Random) -> None:
    """A person's step with one way in and one way out goes; who came in goes on behind it."""
    hosts = {event.get("attachedToRef") for event in root.iter(f"{B}boundaryEvent")}
    found = []
    for task in _people(root):
        into = [flow for flow in _flows(root) if flow.get("targetRef") == task.get("id")]
        out = [flow for flow in _flows(root) if flow.get("sourceRef") == task.get("id")]
        if len(into) == len(out) == 1 and task.get("id") not in hosts and into[0] is not out[0]:
            found.append((task, into[0], out[0]))
    if not found:
        return
    task, before, behind = dice.choice(found)
    before.set("targetRef", behind.get("targetRef", ""))
    for gone in (task, behind):
        parent = gone.getparent()
        assert parent is not None
        parent.remove(gone)
    _way(made, behind.get("id", ""), before.get("id", ""))
    made.done.append(f"remove {task.get('id')}")


def remind(root: etree._Element, made: Edit, name: str, dice: Random) -> None:
    """A step gets a timer that interrupts nothing, with a person's step behind it."""
    people = [task for task in _people(root) if not task.get("id", "").startswith("new")]
    if not people:
        return
    task = dice.choice(people)
    parent = task.getparent()
    assert parent is not None
    event = etree.Element(
        f"{B}boundaryEvent", {"id": f"b_{name}", "attachedToRef": task.get("id", ""), "cancelActivity": "false"}
    )
    timer = etree.SubElement(event, f"{B}timerEventDefinition")
    etree.SubElement(timer, f"{B}timeDuration").text = "P1D"
    flow = etree.Element(f"{B}sequenceFlow", {"id": f"f_{name}", "sourceRef": f"b_{name}", "targetRef": name})
    parent.extend([event, _task(name), flow])
    made.done.append(f"remind {task.get('id')} by {name}")


def _way(made: Edit, old: str, new: str) -> None:
    """Who arrived by the flow `old` arrives by `new`; edits follow each other."""
    first = [before for before, after in made.ways.items() if after == old] or [old]
    made.ways.update(dict.fromkeys(first, new))


def back(made: Edit, xml: bytes) -> Edit:
    """The same backwards."""
    names = {new: old for old, new in made.names.items()}
    return Edit(xml, names, {new: old for old, new in made.ways.items()})


# -- the judge goes on ------------------------------------------------------------------------------------------------


def rebind(judge: Judge, made: Edit) -> None:
    """Let the judge go on with the new drawing."""
    old, new = judge.sheets["main"], Sheet(made.xml)
    sheets = dict(judge.sheets)
    sheets["main"] = new
    judge.sheets = sheets

    def name(id_: str) -> str:
        return made.names.get(id_, id_)

    def kept(alarms: list[Alarm]) -> list[Alarm]:
        found = [alarm for alarm in alarms if name(alarm.box.id) in new.box]
        for alarm in found:
            alarm.box = new.box[name(alarm.box.id)]
        return found

    for scope in [scope for scope in judge._scopes() if scope.sheet is old]:
        scope.sheet, scope.id, scope.alarms = new, name(scope.id), kept(scope.alarms)
        joins = Counter[tuple[str, str]]()
        for (gateway, flow), count in scope.joins.items():
            into = [each.id for each in new.box[gateway].into]
            joins[gateway, flow if flow in into else made.ways[flow]] = count
        scope.joins = joins
        for work in scope.works:
            known = {each.id for each in work.box.bounds}
            work.box, work.alarms = new.box[name(work.box.id)], kept(work.alarms)
            fresh = [each for each in work.box.bounds if each.id not in known]
            work.alarms += [judge._alarm(each) for each in fresh]
            for part in work.parts:
                part.alarms = kept(part.alarms)
