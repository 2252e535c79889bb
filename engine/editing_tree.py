"""Small changes of an XML tree of BPMN: attributes, references by id, what stands where the schema wants it."""

from collections.abc import Mapping
from itertools import pairwise

from lxml import etree

from engine.lint_drawing import B, kind

XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"


def put(element: etree._Element, attribute: str, said: Mapping[str, str], key: str = "") -> None:
    """Write an attribute if something was said of it; nothing said is no attribute."""
    text = said.get(key or attribute)
    if text is None or text.strip() == " ".join(element.get(attribute, "").split()):
        return
    if text.strip():
        element.set(attribute, text.strip())
    else:
        element.attrib.pop(attribute, "")


def document(node: etree._Element, text: str) -> None:
    """Write the documentation; no words are no element."""
    found, words = node.find(f"{B}documentation"), text.replace("\r\n", "\n").strip()
    if found is None and words:
        found = etree.Element(f"{B}documentation")
        node.insert(0, found)
    if found is not None and words != (found.text or "").strip():
        if words:
            found.text = words
        else:
            take_away(found)


def refer(element: etree._Element, name: str, target: str) -> None:
    """Add a reference by id beside those of its kind: after documentation and extensions, before everything else."""
    same = element.findall(f"{B}{name}")
    made = etree.Element(f"{B}{name}")
    made.text = target
    if same:
        insert_after(same[-1], made)
        return
    before = ("documentation", "extensionElements", *(("incoming",) if name == "outgoing" else ()))
    element.insert(sum(kind(child) in before or not isinstance(child.tag, str) for child in element), made)


def unrefer(element: etree._Element, name: str, target: str) -> None:
    """Take such references away."""
    for reference in element.findall(f"{B}{name}"):
        if (reference.text or "").strip() == target:
            take_away(reference)


def insert_after(sibling: etree._Element, made: etree._Element) -> None:
    """Put an element behind another, with the white space that follows it."""
    parent = sibling.getparent()
    assert parent is not None  # noqa: S101
    made.tail = sibling.tail
    parent.insert(parent.index(sibling) + 1, made)


def take_away(element: etree._Element) -> None:
    """Remove an element from what it is in."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def formal(element: etree._Element) -> dict[str, str]:
    """The attribute that says of an expression in this file that it is one."""
    prefix = next((prefix for prefix, space in element.nsmap.items() if f"{{{space}}}" == B), None)
    return {XSI: f"{prefix}:tFormalExpression" if prefix else "tFormalExpression"}


def offer_data(node: etree._Element, name: str) -> None:
    """Let a name of data be an object of the process, as other programs want it of a list; one that is there stays."""
    outer = [node, *node.iterancestors()]
    top = next((each for each, around in pairwise(outer) if kind(around) == "process"), None)
    taken = any(each.get("id") == name for each in outer[-1].iter(f"{B}*"))
    if top is not None and name and not taken:
        insert_after(top, etree.Element(f"{B}dataObject", {"id": name, "name": name}))
