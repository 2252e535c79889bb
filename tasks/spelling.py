"""What the codes in log lines stand for: users, posts, and the elements that the models name."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.posts import Post
from cases.terms import Term
from core.log import Line
from core.users import User
from engine import registry
from engine.game.program import Node, Program
from engine.tables import Definition, Instance, Step
from tasks.fields import Translate

EXTRA = "extra_step"
# «il 8 aprile» is said «l'8 aprile»: the article loses its vowel before otto and undici.
BEFORE_A_VOWEL = re.compile(r"\b(il|al|dal|del|nel|sul) (?=(?:0?8|11)(?:/\d| [a-z]{3}))", re.IGNORECASE)
SHORT = {"il": "l'", "al": "all'", "dal": "dall'", "del": "dell'", "nel": "nell'", "sul": "sull'"}


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


def terms(db: Session, lines: list[Line], language: str) -> dict[str, str]:
    """What the terms are called that somebody was reminded of."""
    told = {line.facts["term"] for line in lines if line.verb == "reminder.given"}
    query = select(Term.id, Term.name, Term.name_en).where(Term.id.in_(told)).order_by(Term.version)
    rows = db.execute(query) if told else ()
    return {term: (english if language == "en" else "") or name for term, name, english in rows}


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
        program = registry.program(db, definition) if definition else None
        if (program is None or element not in program.nodes) and (run, element) in called:
            # a step that has been moved to a version that calls it otherwise
            program = registry.program(db, called[run, element])
        if program is not None and element in program.nodes:
            found[whose, element] = _told(program.nodes[element], program, language)
    for whose, process in {(owner(line), line.facts["process"]) for line in lines if "process" in line.facts}:
        if whose in definitions:
            program = registry.program(db, definitions[whose])
            found[whose, process] = (program.name_en if language == "en" else "") or program.name
    return found


def _told(node: Node, program: Program, language: str) -> str:
    """What the model calls this element; a moment that comes by itself is told with what it sets going."""
    timed = any(event.kind == "timer" for event in node.events) and len(node.outgoing) == 1
    after = program.nodes[node.outgoing[0].target] if timed else None
    named = [(each.name_en if language == "en" else "") or each.name for each in (node, after) if each]
    return " → ".join(name for name in named if name) or node.id


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


def elided(sentence: str) -> str:
    """An Italian sentence with its dates as they are said: `dal 8 apr` becomes `dall'8 apr`."""
    return BEFORE_A_VOWEL.sub(lambda found: _short(found[1]), sentence)


def _short(article: str) -> str:
    short = SHORT[article.lower()]
    return short.capitalize() if article[0].isupper() else short
