"""What the codes in log lines stand for: users, posts, and the elements that the models name."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.posts import Post
from core.log import Line
from core.users import User
from engine import registry
from engine.tables import Definition, Instance, Step
from tasks.fields import Translate

EXTRA = "extra_step"


def names(db: Session, lines: list[Line]) -> dict[str, str]:
    """The names of the users that the lines speak of."""
    ids = {line.actor for line in lines} | {line.behalf for line in lines if line.behalf}
    for line in lines:
        ids |= {str(line.facts[name]) for name in ("to", "user") if line.facts.get(name)}
    return dict(db.execute(select(User.id, User.name).where(User.id.in_(ids))).all())


def posts(db: Session, lines: list[Line]) -> dict[str, str]:
    """The names of the posts that contacts were passed to."""
    codes_of_posts = {line.facts["new"] for line in lines if line.verb == "contact.routed"}
    query = select(Post.code, Post.name).where(Post.code.in_(codes_of_posts))
    return dict(db.execute(query).all()) if codes_of_posts else {}


def elements(db: Session, lines: list[Line], language: str) -> dict[tuple[str, str], str]:
    """The names that the models give to the elements of the lines, by task or instance and element."""
    tasks = {line.facts["task"] for line in lines if "task" in line.facts}
    runs = {line.facts["instance"] for line in lines if "instance" in line.facts}
    of_tasks = select(Step.id, Step.definition_id).where(Step.id.in_(tasks))
    of_runs = select(Instance.id, Instance.definition_id).where(Instance.id.in_(runs))
    definitions = dict(db.execute(of_tasks.union_all(of_runs)).all())
    wanted = {
        (owner(line), str(line.facts.get("instance")), str(line.facts["element"]))
        for line in lines
        if "element" in line.facts
    }
    of_called = select(Step.instance_id, Step.element, Step.definition_id).where(Step.instance_id.in_(runs))
    of_called = of_called.where(Step.element.in_({element for _, _, element in wanted}))
    called = {(run, element): definition for run, element, definition in db.execute(of_called)}
    found = {}
    for whose, run, element in wanted:
        definition = called.get((whose, element), definitions.get(whose))
        node = registry.program(db, definition).nodes.get(element) if definition else None
        if node is None and (run, element) in called:  # a step that has been moved to a version that calls it otherwise
            node = registry.program(db, called[run, element]).nodes.get(element)
        if node is not None:
            found[whose, element] = (node.name_en if language == "en" else "") or node.name or element
    for whose, process in {(owner(line), line.facts["process"]) for line in lines if "process" in line.facts}:
        if whose in definitions:
            program = registry.program(db, definitions[whose])
            found[whose, process] = (program.name_en if language == "en" else "") or program.name
    return found


def added(db: Session, lines: list[Line], translate: Translate) -> dict[tuple[str, str], str]:
    """The words of steps that somebody added: they are told, not drawn."""
    tasks = {line.facts["task"] for line in lines if "task" in line.facts}
    query = select(Step.id, Step.element, Step.name).join(Instance, Instance.id == Step.instance_id)
    query = query.join(Definition, Definition.id == Instance.definition_id)
    rows = db.execute(query.where(Step.id.in_(tasks), Definition.process_id == EXTRA))
    return {(task, element): translate(name) for task, element, name in rows}


def owner(line: Line) -> str:
    """What the element of a line belongs to: its task, else its instance."""
    return str(line.facts.get("task") or line.facts.get("instance"))
