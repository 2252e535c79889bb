"""The elements of a model in the order in which the work goes through them."""

from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from engine.lint_drawing import NODES, B, Drawing, kind


def of(drawing: Drawing) -> list[etree._Element]:
    """Every node once: behind all that leads to it, ways back left aside; what is in a subprocess right behind it."""
    inside: dict[etree._Element | None, list[etree._Element]] = {}
    for node in drawing.nodes:
        inside.setdefault(node.getparent(), []).append(node)
    ordered: list[etree._Element] = []
    outermost = [nodes for scope, nodes in inside.items() if scope is None or kind(scope) not in NODES]
    waiting = [node for nodes in reversed(outermost) for node in reversed(_in_scope(drawing, nodes))]
    while waiting:
        node = waiting.pop()
        ordered.append(node)
        waiting += reversed(_in_scope(drawing, inside.get(node, ())))
    return ordered


def _in_scope(drawing: Drawing, nodes: Sequence[etree._Element]) -> list[etree._Element]:
    """The nodes of one scope; those that no way leads to, such as a ring without a beginning, come last."""
    here = {node.get("id", ""): node for node in nodes}
    starts = [name for name, node in here.items() if kind(node) == "startEvent"]
    loose = [name for name in here if not any(True for _ in _before(drawing, here[name]))]
    seen: set[str] = set()
    main = _walk(drawing, here, [*starts, *loose], seen)
    return [here[name] for name in [*main, *_walk(drawing, here, list(here), seen)]]


def _walk(drawing: Drawing, here: dict[str, etree._Element], roots: Iterable[str], seen: set[str]) -> list[str]:
    """Depth first without recursion: each is written down when all behind it is, and the list is read from its end."""
    done: list[str] = []
    for root in reversed(list(dict.fromkeys(roots))):
        way: list[tuple[str, Iterator[str]]] = []
        if root not in seen:
            seen.add(root)
            way.append((root, iter(_onward(drawing, here[root]))))
        while way:
            name, onward = way[-1]
            following = next((each for each in onward if each in here and each not in seen), None)
            if following is None:
                done.append(name)
                way.pop()
            else:
                seen.add(following)
                way.append((following, iter(_onward(drawing, here[following]))))
    return done[::-1]


def _onward(drawing: Drawing, node: etree._Element) -> list[str]:
    """What comes after a node. The last of them is listed first: events on its border stand right behind it."""
    name = node.get("id", "")
    targets = [flow.get("targetRef", "") for flow in drawing.outgoing.get(name, ())]
    caught = [each.get("id", "") for each in _links(drawing, node)] if kind(node) == "intermediateThrowEvent" else []
    return [*reversed([*targets, *caught]), *(each.get("id", "") for each in drawing.boundaries.get(name, ()))]


def _before(drawing: Drawing, node: etree._Element) -> Iterator[object]:
    yield from drawing.incoming.get(node.get("id", ""), ())
    if node.get("attachedToRef") in drawing.by_id:
        yield node.get("attachedToRef")
    if kind(node) == "intermediateCatchEvent":
        yield from _links(drawing, node)


def _links(drawing: Drawing, node: etree._Element) -> Iterator[etree._Element]:
    """The other ends of a link that begins or arrives here."""
    link = node.find(f"{B}linkEventDefinition")
    for other in drawing.nodes if link is not None else ():
        found = other.find(f"{B}linkEventDefinition")
        here = other.getparent() is node.getparent() and kind(other) != kind(node)
        if here and found is not None and link is not None and found.get("name") == link.get("name"):
            yield other
