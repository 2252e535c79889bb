"""A step of a model put into another place among the others."""

from core.errors import N_, NotYours, WrongOrder
from engine import flow_order
from engine.editing import Editor


def move(editor: Editor, element: str, flow_id: str) -> None:
    """Take a step, with what is attached to it, out of its place and put it into another flow of its scope.

    Raises WrongOrder where it is not clear what comes after what then, NotYours if there is no such flow.
    """
    node, flow = editor.node(element), next((each for each in editor.drawing.flows if each.get("id") == flow_id), None)
    incoming, (onward, after) = list(editor.drawing.incoming.get(element, ())), editor.only_way(node)
    if flow is None or flow_id not in places(editor, element):
        raise NotYours
    if onward is None or not incoming or any(each.get("sourceRef") in (after, element) for each in incoming):
        raise WrongOrder(N_("Questo passo non sta in fila tra altri due: spostalo sul disegno."))
    before = incoming[0].get("sourceRef", "") if len(incoming) == 1 else ""
    beside = after if flow.get("sourceRef") == after else before if flow.get("targetRef") == before else ""
    for each in incoming:
        editor.lead(each, after)
        editor.draw(each)
    editor.lead(onward, flow.get("targetRef", ""))
    editor.lead(flow, element)
    if not _changed_places(editor, element, beside):
        editor.draw_between(flow, element)


def _changed_places(editor: Editor, element: str, other: str) -> bool:
    """Draw two neighbours of one row in each other's place, if they are such."""
    canvas, drawing = editor.canvas, editor.drawing
    one, two = canvas.box(element), canvas.box(other)
    alone = all(len(ways.get(other, ())) == 1 for ways in (drawing.incoming, drawing.outgoing))
    if one is None or two is None or one.middle != two.middle or not alone:
        return False
    left, right = min(one.x, two.x), max(one.right, two.right)
    moving: list[str] = []
    for name, box in ((element, one), (other, two)):
        moved = (right - box.width if box.x == left else left) - box.x
        for each in (name, *(event.get("id", "") for event in drawing.boundaries.get(name, ()))):
            canvas.shift(each, moved, 0)
            moving.append(each)
    for name in moving:
        for flow in (*drawing.incoming.get(name, ()), *drawing.outgoing.get(name, ())):
            editor.draw(flow)
    return True


def places(editor: Editor, element: str) -> list[str]:
    """The flows that a step may be put into: of its scope, neither from nor to itself."""
    scope, order = editor.node(element).getparent(), [node.get("id", "") for node in flow_order.of(editor.drawing)]
    flows = (flow for name in order for flow in editor.drawing.outgoing.get(name, ()))
    here = (flow for flow in flows if flow.getparent() is scope)
    return [flow.get("id", "") for flow in here if element not in (flow.get("sourceRef"), flow.get("targetRef"))]


def neighbours(editor: Editor, element: str) -> tuple[str, str]:
    """The flows to be put into for going one step up, and one down; "" where that is not clear."""
    before, after = editor.drawing.incoming.get(element, []), editor.drawing.outgoing.get(element, [])
    earlier = editor.drawing.incoming.get(before[0].get("sourceRef", ""), []) if len(before) == 1 else []
    later = editor.drawing.outgoing.get(after[0].get("targetRef", ""), []) if len(after) == 1 else []
    found = [each[0].get("id", "") if len(each) == 1 else "" for each in (earlier, later)]
    allowed = places(editor, element)
    up, down = (flow if flow in allowed else "" for flow in found)
    return up, down
