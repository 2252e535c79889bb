"""Small changes of an XML tree of BPMN: attributes, references by id, what stands where the schema wants it."""

from collections.abc import Mapping
from itertools import pairwise

from lxml import etree

from engine.lint_drawing import APPRODO, B, kind

XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"
NAMES = ("name", f"{APPRODO}nameEn")
# What leads from one element to another, what may hang on something else that leads last.
LEADING = (("sequenceFlow", "messageFlow", "dataInputAssociation", "dataOutputAssociation"), ("association",))
REFERENCES = ("flowNodeRef", "incoming", "outgoing", "messageFlowRef")


def plain(text: str | None) -> str:
    """A text as it is compared: with the line ends of XML, and without the blanks around it."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def in_line(text: str | None) -> str:
    """A name as it is shown: on one line, whatever breaks and indents it has in the file."""
    return " ".join((text or "").split())


def said(element: etree._Element | None) -> str:
    """What an element says, comments inside it left aside; nothing where there is none."""
    if element is None:
        return ""
    return plain("".join([element.text or "", *(each.tail or "" for each in _comments(element))]))


def say(element: etree._Element, text: str) -> None:
    """Let an element say something else; what already says it stays as it is written."""
    if plain(text) != said(element):
        for each in _comments(element):
            each.tail = None
        element.text = plain(text)


def put(element: etree._Element, attribute: str, said: Mapping[str, str], key: str = "") -> None:
    """Write an attribute if something else was said of it; nothing said is no attribute."""
    text, old = said.get(key or attribute), element.get(attribute)
    if text is None or plain(text) == (in_line if attribute in NAMES else plain)(old):
        return
    if plain(text):
        element.set(attribute, plain(text))
    else:
        element.attrib.pop(attribute, "")


def document(node: etree._Element, text: str) -> None:
    """Write the documentation; no words are no element."""
    found, words = node.find(f"{B}documentation"), plain(text)
    if words == said(found):
        return
    if found is None:
        found = etree.Element(f"{B}documentation")
        node.insert(0, found)
    if words:
        say(found, words)
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


def ends(element: etree._Element) -> set[str]:
    """The ids that something leads from and to, as attributes or, of data, as elements."""
    parts = element.iterchildren(f"{B}sourceRef", f"{B}targetRef")
    named = (element.get("sourceRef"), element.get("targetRef"), *((part.text or "").strip() for part in parts))
    return {each for each in named if each}


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


def _comments(element: etree._Element) -> list[etree._Element]:
    return [each for each in element if not isinstance(each.tag, str)]
