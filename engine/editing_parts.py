"""What stands inside a step beside its attributes: when a timer fires, which message, how often it is repeated, what is
handed to a called pathway and back. What is there is read and rewritten in place; nothing is made or taken away here.
"""

from collections.abc import Iterator, Mapping

from lxml import etree

from engine import editing_tree as tree
from engine.lint_drawing import APPRODO, B, kind

TIMES = ("timeDuration", "timeDate", "timeCycle")
REPEATED = {
    "loopCardinality": "loop_number",
    "loopDataInputRef": "loop_list",
    "completionCondition": "loop_until",
    "loopCondition": "loop_while",
}
MAPPINGS = ("input", "output")


def read(node: etree._Element) -> dict[str, str]:
    """The parts of a step by name: timer, message, loop_…, input-NAME, output-NAME."""
    found = {name: tree.said(part) for name, part in _texts(node)}
    found |= {name: tree.plain(part.get("expression")) for name, part in _mappings(node)}
    for part in _messages(node):
        found["message"] = part.get("messageRef", "")
    return found


def write(node: etree._Element, said: Mapping[str, str]) -> None:
    """Rewrite the parts that something is said of; what is left blank stays as it is."""
    for name, part in _texts(node):
        if said.get(name, "").strip():
            tree.say(part, said[name])
    for name, part in _mappings(node):
        if said.get(name, "").strip():
            tree.put(part, "expression", said, name)
    for part in _messages(node):
        if said.get("message") in messages(node) and said["message"] != part.get("messageRef"):
            part.set("messageRef", said["message"])


def messages(node: etree._Element) -> dict[str, str]:
    """The messages of the file: by id, how they are called."""
    root = node.getroottree().getroot()
    found = ((each.get("id", ""), each.get("name", "")) for each in root.iterchildren(f"{B}message"))
    return {message: name or message for message, name in found}


def _texts(node: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    for definition in node.iterchildren(f"{B}timerEventDefinition"):
        yield from (("timer", part) for part in definition if kind(part) in TIMES)
    for loop in node.iterchildren(f"{B}multiInstanceLoopCharacteristics", f"{B}standardLoopCharacteristics"):
        yield from ((REPEATED[kind(part)], part) for part in loop if kind(part) in REPEATED)


def _mappings(node: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    for way in MAPPINGS:
        found = node.iterfind(f"{B}extensionElements/{APPRODO}{way}")
        yield from ((f"{way}-{part.get('target', '')}", part) for part in found)


def _messages(node: etree._Element) -> Iterator[etree._Element]:
    """What names a message: the definition of an event, or a task that sends or receives one."""
    if node.get("messageRef"):
        yield node
    yield from (each for each in node.iterchildren(f"{B}messageEventDefinition") if each.get("messageRef"))
