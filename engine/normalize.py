"""Rewrite what has an exact equivalent, so that drawings of other tools run as they are drawn.

Nothing is guessed: what has no exact equivalent is left for the lint to explain. The stored file is never changed; only
the tree that is parsed is.
"""

from lxml import etree

from engine.lint_drawing import NODES

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_B = f"{{{BPMN}}}"
SCOPES = (f"{_B}process", f"{_B}subProcess", f"{_B}transaction")
_NODES = frozenset(f"{_B}{name}" for name in NODES)


def normalize(root: etree._Element) -> etree._Element:
    """Return a copy of the document in which links are flows and drawing-only elements are gone."""
    copy = etree.fromstring(
        etree.tostring(root), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    )
    for process in copy.iter(f"{_B}process"):
        process.set("isExecutable", "true")
    _drop_drawing_only(copy)
    for scope in copy.iter(*SCOPES):
        _join_links(scope)
        _open_starts(scope)
        _close_open_ends(scope)
    return copy


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
