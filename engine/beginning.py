"""The first draft of a pathway that was not there before."""

from pathlib import Path

from engine import editing_tree as tree
from engine.editing import Editor
from engine.lint_drawing import APPRODO, B

TEMPLATE = (Path(__file__).parent / "template.bpmn").read_text(encoding="utf-8")


def begin(key: str, name: str, name_en: str, like: bytes | None = None) -> bytes:
    """A new pathway: a start, one step and an end in one lane, or all of another pathway under a name of its own."""
    data = TEMPLATE.encode() if like is None else like
    editor = Editor(data)
    process = next(editor.root.iter(f"{B}process"))
    old = process.get("id", "")
    for element in editor.root.iter(f"{B}participant"):
        if element.get("processRef") == old:
            element.set("processRef", key)
            tree.put(element, "name", {"name": name})
            tree.put(element, f"{APPRODO}nameEn", {"name_en": name_en}, "name_en")
    if editor.canvas.plane is not None and editor.canvas.plane.get("bpmnElement") == old:
        editor.canvas.plane.set("bpmnElement", key)
    process.set("id", key)
    tree.put(process, "name", {"name": name})
    tree.put(process, f"{APPRODO}nameEn", {"name_en": name_en}, "name_en")
    return editor.content()
