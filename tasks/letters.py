"""Letters: a template of `workflows/letters`, filled with what the register knows, corrected and printed by people.

Nothing is sent from here: the letter is printed, and the task that records the sending asks for consent or reason.
A place that nobody knows how to fill stays a line to write on.
"""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from string import Template

from sqlalchemy.orm import Session

from cases import access, documents, internships, permits, persons, posts, sheets, shelters, territory
from cases.access import Actor
from cases.casefile import Case
from cases.documents import Document
from core import clock
from core.errors import NotYours
from tasks import formbook, lists

FOLDER = Path(__file__).parents[1] / "workflows" / "letters"
FENCE = "+++\n"
BLANK = "________"
PLACES = frozenset(
    {
        "ente", "progetto", "oggi", "provincia", "referente", "persona", "nascita", "luogo_nascita", "cittadinanza",
        "documento", "misure_dal", "indicatori", "attestato_del", "promotore", "ospitante", "ospitante_iva", "sede",
        "tutor", "tutor_ospitante", "profilo", "dal", "al", "ore",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """A template: what it is called, where it stands in law, how protected what it says is, and its text."""

    key: str
    name: str
    name_en: str
    form: str
    source: str
    version: int
    cls: str
    text: str
    receiver: str = ""  # of form F04: who may have it only with her yes, or for a reason of law
    asked_in: str = ""  # the form of the task in which it is sent


@cache
def known() -> Mapping[str, Letter]:
    """Every letter by its key, in the order of their names."""
    found = (_read(path) for path in FOLDER.glob("*.md"))
    return {letter.key: letter for letter in sorted(found, key=lambda letter: letter.name)}


def find(db: Session, actor: Actor, code: str, key: str) -> tuple[Case, Letter]:
    """Case and letter, if the actor may write this letter about it; else neither exists."""
    case = access.get_case(db, actor, code)
    access.require(actor, "document.write", case.post)
    letter = known().get(key)
    if letter is None or not {"P2", letter.cls} <= access.classes(db, actor, case):
        raise NotYours
    return case, letter


def for_case(db: Session, actor: Actor, case: Case) -> list[Letter]:
    """The letters that the actor may write about a case."""
    if not access.may(actor, "document.write", case.post):
        return []
    allowed = access.classes(db, actor, case)
    return [letter for letter in known().values() if {"P2", letter.cls} <= allowed]


def for_task(db: Session, actor: Actor, case: Case, form: str | None) -> Letter | None:
    """The letter that the task with this form sends, if the actor may write it."""
    known_here = {letter.asked_in for letter in known().values()} - {""}
    written = for_case(db, actor, case) if form in known_here else []
    return next((letter for letter in written if letter.asked_in == form), None)


def lacks_consent(db: Session, case: Case, key: str) -> bool:
    """Is this a letter to an authority that may not have it today, because her yes was never given, ended or was taken
    back? A reason of law, written in the task that records the sending, can be there all the same."""
    letter = known().get(key)
    if letter is None or not letter.receiver:
        return False
    return not permits.may_communicate(db, case.code, letter.receiver, clock.today())


FOR_A_HOST = "F13"


def draft(db: Session, actor: Actor, case: Case, letter: Letter) -> str:
    """The letter with what is known filled in. Reading who the person is leaves a line in the log."""
    if letter.form == FOR_A_HOST:  # who hosts learns neither body nor project nor programme
        facts = {**_agreement(db, actor, case), "oggi": _day(clock.today())}
    else:
        facts = {**_office(db, case), **_person(db, actor, case), **_story(db, actor, case, letter)}
    filled = defaultdict(lambda: BLANK, {name: words for name, words in facts.items() if words})
    return Template(letter.text).substitute(filled)


def write(db: Session, actor: Actor, code: str, key: str, text: str) -> Document:
    """Keep the letter as the colleague has corrected it."""
    case, letter = find(db, actor, code, key)
    return documents.write(db, case.code, letter.key, letter.version, letter.cls, text, by=actor.user_id)


def _office(db: Session, case: Case) -> dict[str, str]:
    post, today = posts.get(db, case.post), clock.today()
    officers = posts.referents(db, case.province, today) if case.province else []
    return {
        "ente": post.lead or post.name,
        "progetto": post.name,
        "oggi": _day(today),
        "provincia": territory.province_name(case.province) if case.province else "",
        "referente": "; ".join(f"{officer.office}: {officer.name}" for officer in officers),
    }


def _person(db: Session, actor: Actor, case: Case) -> dict[str, str]:
    known = persons.read(db, actor, case)
    countries = {option.value: option.label for option in lists.options(db, "countries")}
    born = known.get("birth_date")
    return {
        "persona": " ".join(str(known[name]) for name in ("first_name", "last_name") if known.get(name)),
        "nascita": _day(date.fromisoformat(str(born))) if born else "",
        "luogo_nascita": str(known.get("birth_place") or ""),
        "cittadinanza": ", ".join(countries.get(code, code) for code in known.get("citizenships") or ()),
        "documento": str(known.get("identity_document") or ""),
    }


def _story(db: Session, actor: Actor, case: Case, letter: Letter) -> dict[str, str]:
    stay, attestato = shelters.current(db, case.code), permits.latest_attestato(db, case.code)
    return {
        "misure_dal": _day(stay.from_on) if stay else "",
        "attestato_del": _day(attestato.issued_on) if attestato else "",
        "indicatori": _indicators(db, actor, case) if letter.cls == "P3" else "",
    }


def _agreement(db: Session, actor: Actor, case: Case) -> dict[str, str]:
    """What the host of the newest internship may be told; reading it leaves a line in the log."""
    running = [made for made in internships.of_case(db, case.code) if made.ended_on is None]
    if not running:
        return {}
    access.reveal(db, actor, case, "P4", what="internship")
    told = internships.for_the_host(db, running[-1])
    until = told["to_on"]
    return {
        "promotore": told["promoter"] or "",
        "ospitante": told["host"] or "",
        "ospitante_iva": told["host_vat"] or "",
        "sede": told["host_seat"] or "",
        "tutor": told["tutor"] or "",
        "tutor_ospitante": told["host_tutor"] or "",
        "profilo": told["profile"] or "",
        "dal": _day(told["from_on"]),
        "al": _day(until) if until else "",
        "ore": str(told["weekly_hours"] or ""),
    }


def _indicators(db: Session, actor: Actor, case: Case) -> str:
    sheet = sheets.latest(db, case.code, "indicators")
    if sheet is None:
        return ""
    answers = sheets.answers(sheet, access.read_sheets(db, actor, case, [sheet])[sheet.id])
    asked = formbook.as_filed(db, "indicators", sheet.schema_version).fields
    labels = {option.value: option.label for field in asked if field.key == "indicators" for option in field.options}
    return "; ".join(labels.get(code, code) for code in answers.get("indicators") or ()).lower()


def _read(path: Path) -> Letter:
    _, head, text = path.read_text(encoding="utf-8").split(FENCE, 2)
    told = tomllib.loads(head)
    return Letter(
        path.stem,
        told["name"],
        told["name_en"],
        told["form"],
        told["source"],
        told["version"],
        told["class"],
        text,
        told.get("receiver", ""),
        told.get("asked_in", ""),
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def spoken(key: str, language: str) -> str:
    """What a letter is called; a template that is gone is called by its key."""
    letter = known().get(key)
    return key if letter is None else (letter.name_en if language == "en" else letter.name)
