"""Search before you open: is this person known already, under another spelling, number or code word?

Whoever may see what is found gets its code; to everybody else of the network the answer is only "somebody exists, ask
this post": no code, no count, never a house, and for a case hidden from its own post only the national desk. A purpose
is asked for; every search is written down without its words, and on the case that was found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import casefile, codes, contacts, findable, persons, posts, quotas
from cases.access import Actor, require, visible_cases, visible_contacts
from cases.casefile import Case
from cases.contacts import Contact, ContactNote
from cases.findable import BORN, PHONE, SOUND, SPELLED, WORD, SearchKey
from cases.persons import Person
from core import clock, log
from core.errors import N_, InvalidForm
from core.ids import new_id
from core.vault import VaultKey

FIELDS = ("name", "phone", "code_word", "birth_date")
# Alone a birthday finds hundreds of people.
ENOUGH = ("name", "phone", "code_word")
LONGEST, MOST_ROWS, MOST_SHOWN = 200, 5000, 20
ORDER = (PHONE, WORD, SPELLED, BORN, SOUND)


@dataclass(frozen=True)
class Hit:
    """A case or a contact that the actor may see, and by what it was found (kinds of fingerprints)."""

    code: str
    is_case: bool
    post: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What may be told: own hits, the posts to ask for the rest; `hidden` are the cases a stranger's search has met."""

    mine: tuple[Hit, ...]
    ask: tuple[str, ...]
    more: bool
    hidden: tuple[str, ...]


@dataclass(frozen=True)
class _Where:
    code: str
    is_case: bool
    post: str
    masked: bool


def ask(db: Session, actor: Actor, purpose: str, typed: Mapping[str, str]) -> Answer:
    """Look for a person. Raises InvalidForm with sentences by field, TooMany beyond the searches of an hour."""
    require(actor, "search.ask")
    known = _checked(purpose, typed)
    quotas.spend(db, actor.user_id, quotas.SEARCHES, new_id())
    why = _matches(db, known)
    places = _places(db, why)
    seen = _visible(db, actor, places)
    mine = [place for place in places if place in seen]
    others = [place for place in places if place not in mine]
    hits = sorted((_hit(place, why, places[place]) for place in mine), key=lambda hit: (_rank(hit), hit.code))
    hidden = tuple(sorted(place.code for place in others if place.is_case))
    _say(db, actor, purpose, sorted(known), hits, hidden)
    return Answer(tuple(hits[:MOST_SHOWN]), _posts_to_ask(db, others), len(hits) > MOST_SHOWN, hidden)


def rebuild(db: Session, *, by: str) -> int:
    """Make every fingerprint anew, after a change of `index.key` or of the rules; how many subjects can be found."""
    gone = set(db.scalars(select(VaultKey.scope).where(VaultKey.destroyed_at.is_not(None))))
    count = 0
    for person in db.scalars(select(Person).order_by(Person.code)):
        if casefile.scope_of(person.case_code) not in gone:
            persons.make_findable(db, person)
            count += 1
    for code in db.scalars(select(ContactNote.contact_code).distinct().order_by(ContactNote.contact_code)).all():
        if contacts.scope_of(code) not in gone:
            contacts.make_findable(db, code)
            count += 1
    for scope in sorted(gone):
        findable.forget(db, scope)
    log.append(db, "search.rebuilt", "search", by=by, subjects=count)
    return count


def _checked(purpose: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, tidied; a number or a date that is none gets its sentence."""
    known = {field: text for field in FIELDS if (text := typed.get(field, "").strip())}
    errors: dict[str, list[str]] = {}
    if purpose not in codes.codes_of(codes.SEARCH_PURPOSES):
        errors["purpose"] = [N_("Scegli perché cerchi.")]
    if not any(field in known for field in ENOUGH):
        errors["name"] = [N_("Scrivi almeno un nome, un numero o una parola d'ordine.")]
    elif "name" in known and not findable.words(known["name"]):
        errors["name"] = [N_("Scrivi il nome con lettere.")]
    if "phone" in known and findable.telephone(known["phone"]) is None:
        errors["phone"] = [N_("Questo non è un numero di telefono.")]
    if "birth_date" in known and not _is_day(known["birth_date"]):
        errors["birth_date"] = [N_("Scrivi una data che esiste.")]
    for field in known:
        if len(known[field]) > LONGEST:
            errors[field] = [N_("È troppo lungo.")]
    if errors:
        raise InvalidForm(errors)
    return known


def _matches(db: Session, known: Mapping[str, str]) -> dict[str, set[str]]:
    """By subject the kinds of fingerprints that it shares with what was typed, where that is enough to say so."""
    names = findable.by_name(known.get("name", ""))
    rest = findable.keys_of({field: known[field] for field in FIELDS if field in known and field != "name"})
    wanted = {key for keys in names.values() for _, key in keys} | {key for _, key in rest}
    query = select(SearchKey.subject, SearchKey.kind, SearchKey.key).where(SearchKey.key.in_(sorted(wanted)))
    shared: dict[str, set[tuple[str, str]]] = {}
    for subject, kind, key in db.execute(query.order_by(SearchKey.subject).limit(MOST_ROWS)):
        shared.setdefault(subject, set()).add((kind, key))
    whole = findable.together(known.get("name", ""))
    found = {subject: _why(keys, names, rest, whole) for subject, keys in shared.items()}
    return {subject: why for subject, why in found.items() if why - {BORN}}


def _why(
    keys: set[tuple[str, str]], names: Mapping[str, set[tuple[str, str]]], rest: set[tuple[str, str]], whole: str
) -> set[str]:
    """Two parts of a name must be shared, or its only one, or the whole written together."""
    parts = {part: {kind for kind, _ in names[part] & keys} for part in names}
    single = [kinds for part, kinds in parts.items() if part != whole and kinds]
    enough = bool(parts.get(whole)) or len(single) >= 2
    named = {SPELLED if SPELLED in kinds else SOUND for kinds in (*single, parts.get(whole, set())) if kinds}
    return (named if enough else set()) | {kind for kind, _ in rest & keys}


def _places(db: Session, why: Mapping[str, set[str]]) -> dict[_Where, list[str]]:
    """The cases and contacts behind the subjects; a contact that has become a case is that case."""
    codes_ = {kind: [s.partition(":")[2] for s in why if s.startswith(kind)] for kind in ("case:", "contact:")}
    met = list(db.scalars(select(Contact).where(Contact.code.in_(codes_["contact:"]))))
    become = {contact.code: contact.case_code for contact in met if contact.case_code}
    wanted = {*codes_["case:"], *become.values()}
    found = {case.code: case for case in db.scalars(select(Case).where(Case.code.in_(sorted(wanted))))}
    places: dict[_Where, list[str]] = {}
    for subject in why:
        code = subject.partition(":")[2]
        case = found.get(become.get(code, code))
        contact = next((one for one in met if one.code == code and case is None), None)
        if case is not None:
            places.setdefault(_Where(case.code, True, case.post, case.masked), []).append(subject)
        elif contact is not None:
            places.setdefault(_Where(contact.code, False, contact.post, False), []).append(subject)
    return places


def _visible(db: Session, actor: Actor, places: Iterable[_Where]) -> set[_Where]:
    """Those that the actor may know to exist; the same two questions are asked whatever was found."""
    codes_ = sorted(place.code for place in places)
    cases = set(db.scalars(visible_cases(actor).where(Case.code.in_(codes_))))
    met = set(db.scalars(visible_contacts(actor).where(Contact.code.in_(codes_))))
    return {place for place in places if place.code in (cases if place.is_case else met)}


def _hit(place: _Where, why: Mapping[str, set[str]], subjects: Iterable[str]) -> Hit:
    kinds = set[str]().union(*(why[subject] for subject in subjects))
    return Hit(place.code, place.is_case, place.post, tuple(kind for kind in ORDER if kind in kinds))


def _rank(hit: Hit) -> tuple[int, int]:
    """What shares a number, a word or the spelling comes before what only sounds alike."""
    return (min(ORDER.index(kind) for kind in hit.why), -len(hit.why))


def _posts_to_ask(db: Session, others: Iterable[_Where]) -> tuple[str, ...]:
    """The names of the posts to ask, each once; for hidden cases and houses only the national desk answers."""
    central = [post.name for post in posts.list_(db, clock.today(), "central")][:1]
    names: set[str] = set()
    for place in others:
        post = posts.get(db, place.post)
        names.update(central if place.masked or post.kind == "shelter" else [post.name])
    return tuple(sorted(names))


def _say(
    db: Session, actor: Actor, purpose: str, fields: list[str], hits: list[Hit], hidden: Iterable[str]
) -> None:
    """Who searched, why, by which fields; on the cases that a stranger's search has met, that they were met."""
    stream = f"user:{actor.user_id}"
    log.append(db, "search.done", stream, by=actor.user_id, purpose=purpose, fields=fields, found=len(hits))
    for code in hidden:
        log.append(db, "case.found", casefile.scope_of(code), by=actor.user_id, case=code, purpose=purpose)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) <= clock.today()
    except ValueError:
        return False
