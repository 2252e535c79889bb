"""Rewrite what has an exact equivalent, so that drawings of other tools run as they are drawn.

Nothing is guessed: what has no exact equivalent is left for the lint to explain. The stored file is never changed; only
the tree that is parsed is.
"""

from lxml import etree

from engine.lint_drawing import NODES

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_B = f"{{{BPMN}}}"
SCOPES = (f"{_B}process", f"{_B}subProcess", f"{_B}transaction")
BOOLEANS = frozenset(
    {
        *("cancelActivity", "isInterrupting", "parallelMultiple", "instantiate", "triggeredByEvent", "isExecutable"),
        *("isSequential", "testBefore", "isForCompensation", "isCollection", "isClosed"),
    }
)
_NODES = frozenset(f"{_B}{name}" for name in NODES)


def normalize(root: etree._Element) -> etree._Element:
    """Return a copy of the document in which links are flows and drawing-only elements are gone."""
    copy = etree.fromstring(
        etree.tostring(root), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    )
    plain_booleans(copy)
    for process in copy.iter(f"{_B}process"):
        process.set("isExecutable", "true")
    _drop_drawing_only(copy)
    _name_collections(copy)
    for scope in copy.iter(*SCOPES):
        _join_links(scope)
        _open_starts(scope)
        _close_open_ends(scope)
    return copy


def plain_booleans(root: etree._Element) -> None:
    """Write "1" and "0" as "true" and "false", in place: XML Schema 1.0 (3.2.2) says that they are the same."""
    for element in root.iter(f"{_B}*"):
        for name in BOOLEANS & set(map(str, element.attrib)):
            text = " ".join((element.get(name) or "").split())
            element.set(name, {"1": "true", "0": "false"}.get(text, text))


def _name_collections(root: etree._Element) -> None:
    """A repetition over a data object, by its reference as it is drawn, is one over the variable that it stands for."""
    objects = {each.get("id"): each.get("dataObjectRef") for each in root.iter(f"{_B}dataObjectReference")}
    for reference in root.iter(f"{_B}loopDataInputRef", f"{_B}loopDataOutputRef"):
        name = (reference.text or "").strip()
        reference.text = objects.get(name) or name


def _drop_drawing_only(root: etree._Element) -> None:
    """Data stores and associations are documentation: a variable is visible in its whole process anyway."""
    names = ("dataStore", "dataStoreReference", "dataInputAssociation", "dataOutputAssociation", "ioSpecification")
    for element in list(root.iter(*(f"{_B}{name}" for name in names))):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _join_links(scope: etree._Element) -> None:
    """A link throw goes on at the link catch of the same name in the same scope (BPMN 2.0, 10.5.5)."""
    catches = {}
    for event in scope.findall(f"{_B}intermediateCatchEvent"):
        link = event.find(f"{_B}linkEventDefinition")
        if link is not None:
            catches[link.get("name")] = event
            event.tag = f"{_B}intermediateThrowEvent"
            event.remove(link)
    for event in scope.findall(f"{_B}intermediateThrowEvent"):
        link = event.find(f"{_B}linkEventDefinition")
        target = catches.get(link.get("name")) if link is not None else None
        if link is not None and target is not None:
            event.remove(link)
            ids = {"id": f"link_{event.get('id')}", "sourceRef": event.get("id", ""), "targetRef": target.get("id", "")}
            etree.SubElement(scope, f"{_B}sequenceFlow", ids)


def _open_starts(scope: etree._Element) -> None:
    """Without a start event, everything that nothing leads to starts (BPMN 2.0, 10.5.2)."""
    if scope.find(f"{_B}startEvent") is not None:
        return
    targets = {flow.get("targetRef") for flow in scope.findall(f"{_B}sequenceFlow")}
    first = [
        node for node in scope if node.tag in _NODES and node.get("id") not in targets and not node.get("attachedToRef")
    ]
    first = [node for node in first if node.get("triggeredByEvent") != "true"]
    if not first:
        return
    start = etree.SubElement(scope, f"{_B}startEvent", {"id": f"start_of_{scope.get('id')}"})
    for node in first:
        ids = {"id": f"from_start_{node.get('id')}", "sourceRef": start.get("id", ""), "targetRef": node.get("id", "")}
        etree.SubElement(scope, f"{_B}sequenceFlow", ids)


def _close_open_ends(scope: etree._Element) -> None:
    """A path may just stop: give it the end event that BPMN 2.0 (10.5.3) says it has. The parser wants one a scope."""
    sources = {flow.get("sourceRef") for flow in scope.findall(f"{_B}sequenceFlow")}
    if scope.findall(f"{_B}endEvent"):
        return
    loose = [node for node in scope if node.tag in _NODES and node.get("id") not in sources]
    loose = [node for node in loose if node.get("triggeredByEvent") != "true" and node.tag != f"{_B}startEvent"]
    if not loose:
        return
    end = etree.SubElement(scope, f"{_B}endEvent", {"id": f"end_of_{scope.get('id')}"})
    for node in loose:
        ids = {"id": f"to_end_{node.get('id')}", "sourceRef": node.get("id", ""), "targetRef": end.get("id", "")}
        etree.SubElement(scope, f"{_B}sequenceFlow", ids)
