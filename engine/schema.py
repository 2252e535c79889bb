"""The official schemas: is a file valid BPMN 2.0 or DMN, so that every other program opens it?

The XSD files of the OMG come with SpiffWorkflow and are read from disk only. Of DMN it has 1.1 to 1.3, which is what
dmn-js writes; there is none for 1.4 and 1.5, and such a file is not judged here.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, cast

import SpiffWorkflow
from lxml import etree

from core.errors import N_
from engine import xml
from engine.findings import Finding

_HOME = Path(SpiffWorkflow.__file__).parent
_FILES: Final = {
    "http://www.omg.org/spec/BPMN/20100524/MODEL": ("BPMN 2.0", "bpmn/parser/schema/BPMN20.xsd"),
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": ("DMN 1.1", "dmn/parser/schema/DMN.xsd"),
    "http://www.omg.org/spec/DMN/20180521/MODEL/": ("DMN 1.2", "dmn/parser/schema/DMN12.xsd"),
    "https://www.omg.org/spec/DMN/20191111/MODEL/": ("DMN 1.3", "dmn/parser/schema/DMN13.xsd"),
}
_MOST = 20
_INVALID = N_("non segue lo schema %(schema)s, un altro programma potrebbe non aprirlo: %(why)s")
# A schema keeps the errors of its last validation: one at a time.
_turn = Lock()


def check(data: bytes) -> list[Finding]:
    """Return what the official schema of a BPMN or DMN file has against it, as warnings.

    What cannot be read at all is for `lint` and `decisions` to say.

    `why` in each sentence is the word of libxml2, in English: it is for whoever mends the program that wrote the file.
    """
    try:
        root = xml.parse(data)
    except xml.XmlError:
        return []
    name, file = _FILES.get(etree.QName(root).namespace or "", ("", ""))
    if not file:
        return []
    with _turn:
        schema = _load(file)
        schema.validate(root)
        said = cast(Iterable[Any], schema.error_log)
        errors = [(each.line, each.path, str(each.message)) for each in said][:_MOST]
    return [_finding(root, name, *error) for error in errors]


@cache
def _load(file: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_HOME / file, etree.XMLParser(no_network=True)))


def _finding(root: etree._Element, schema: str, line: int, path: str | None, message: str) -> Finding:
    near = _owner(root, path)
    why = re.sub(r"\{[^{}]*\}", "", message)[:300]
    label = near.get("name") or near.get("id") or ""
    return Finding(line, near.get("id") or "", label, _INVALID, "warning", {"schema": schema, "why": why})


def _owner(root: etree._Element, path: str | None) -> etree._Element:
    """Return the nearest element with an id around a place that libxml2 names as in "/*/*[2]/bpmn:task"."""
    spaces = {prefix: space for element in root.iter("*") for prefix, space in element.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(path or "/*", namespaces=spaces)
    except etree.XPathError:
        return root
    near = found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else root
    return near if near.get("id") else next((each for each in near.iterancestors() if each.get("id")), root)
