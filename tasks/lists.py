"""The named lists that forms may ask for: code lists of the register, places, languages, what is free today."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from babel import Locale
from sqlalchemy.orm import Session

from cases import bodies, codes, pei, posts, shelters, transfers
from cases.casefile import Case
from cases.territory import PROVINCES
from core import clock, users
from core.errors import N_
from tasks import leaflets
from tasks.components import Option
from tasks.fields import Translate

# Spoken by the helpline's operators and mediators, or often needed; the order of the list is that of the reader.
LANGUAGES = (
    "am", "ar", "bg", "bin", "bm", "bn", "de", "en", "es", "fa", "ff", "fr", "ha", "hi", "hu", "ig", "it", "ka", "ku",
    "lv", "lt", "mk", "mnk", "ne", "pa", "pcm", "pl", "ps", "pt", "ro", "rom", "ru", "si", "so", "sq", "sr", "ta", "th",
    "ti", "tl", "tr", "tw", "uk", "ur", "vi", "wo", "yo", "zh",
)  # fmt: skip
UNNAMED = {
    "bin": ("edo (bini)", "Edo (Bini)"),
    "mnk": ("mandinka", "Mandinka"),
    "pcm": ("pidgin nigeriano", "Nigerian Pidgin"),
    "rom": ("romanes", "Romany"),
    "tw": ("twi", "Twi"),
}
COUNTRY = re.compile(r"[A-Z]{2}")
NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
STATELESS = Option("XXA", "apolide", "stateless")
DRAFT = N_("bozza da validare")
NOT_KNOWN = Option("XXX", "non nota", "not known")


def known() -> frozenset[str]:
    """The names that a form may use."""
    return frozenset({*codes.LISTS, *_FIXED, *_FROM_ROWS, *_OF_SUBJECT, "free_shelters"})


def is_of_subject(name: str) -> bool:
    """Whether the options of this list belong to one case or transfer."""
    return name in _OF_SUBJECT


def options(
    db: Session, name: str, translate: Translate = str, *, case: Case | None = None, about: str = ""
) -> Sequence[Option]:
    """The options of a named list today; labels of code lists are spoken by `translate`. `case` is the one that asks:
    houses are those for her age. Some lists belong to one case or transfer: `about` is its code."""
    if name in _OF_SUBJECT:
        return list(_OF_SUBJECT[name](db, about, translate))
    if name in _FIXED:
        return _FIXED[name]()
    if name == "free_shelters":
        return list(_free_shelters(db, translate, case))
    if name in _FROM_ROWS:
        return list(_FROM_ROWS[name](db, translate))
    return [Option(code, label, translate(label)) for code, label in codes.LISTS[name]]


@cache
def _provinces() -> Sequence[Option]:
    by_name = sorted(PROVINCES, key=lambda entry: entry[1])
    return [Option(code, f"{name} ({code})", f"{name} ({code})") for code, name in by_name]


@cache
def _languages() -> Sequence[Option]:
    italian, english = Locale("it").languages, Locale("en").languages
    found = []
    for code in LANGUAGES:
        words = UNNAMED.get(code) or (italian.get(code, code), english.get(code, code))
        found.append(Option(code, *words))
    return sorted(found, key=lambda option: option.label)


@cache
def _countries() -> Sequence[Option]:
    """ISO 3166-1, without the regions and the pseudo-countries that CLDR has beside them."""
    italian, english = Locale("it").territories, Locale("en").territories
    real = (str(code) for code in italian if COUNTRY.fullmatch(str(code)) and code not in NO_COUNTRIES)
    named = (Option(code, str(italian[code]), str(english.get(code, code))) for code in real)
    return [*sorted(named, key=lambda option: option.label), STATELESS, NOT_KNOWN]


def _posts(db: Session, translate: Translate) -> Iterable[Option]:
    """The posts that answer people: everything but the staff of houses."""
    working = posts.list_(db, clock.today())
    return (Option(post.code, post.name, post.name) for post in working if post.kind != "shelter")


def _bodies(db: Session, translate: Translate) -> Iterable[Option]:
    """The bodies of the directory, those that are no longer there too: an old agreement names them."""
    return (Option(body.code, body.name, body.name) for body in bodies.list_(db))


def _projects(db: Session, translate: Translate) -> Iterable[Option]:
    """The projects of the territories, which offer each other places."""
    return (Option(post.code, post.name, post.name) for post in posts.list_(db, clock.today(), "project"))


def _offers(db: Session, about: str, translate: Translate) -> Iterable[Option]:
    """The places offered to the person of a case, which she may choose among."""
    transfer = transfers.open_of(db, about)
    for offer in transfers.offers(db, transfer.code, status="open") if transfer else []:
        kind = translate(codes.label("tipo_accoglienza", offer.place_kind))
        words = f"{posts.get(db, offer.post).name} · {kind} · {offer.from_on:%d/%m/%Y}"
        yield Option(offer.id, words, words)


def _plan_readers(db: Session, about: str, translate: Translate) -> Iterable[Option]:
    """Who may be told the travel plan of a transfer: people of the two posts, of the house left and of the central
    desk."""
    transfer = transfers.get(db, about) if about else None
    where = {transfer.from_post, transfer.to_post} if transfer else set()
    return (Option(user.id, user.name, user.name) for user in users.members(db, {post for post in where if post}))


def _pei_goals(db: Session, about: str, translate: Translate) -> Iterable[Option]:
    """The areas in which the plan of a case has a goal now."""
    plan = pei.current(db, about)
    for goal in pei.goals(db, plan.id) if plan else []:
        words = codes.label("area_pei", goal.area)
        yield Option(goal.area, words, translate(words))


def _free_shelters(db: Session, translate: Translate, case: Case | None) -> Iterable[Option]:
    """Houses with a free bed, as codes: never a place, never an address. Minors see theirs, adults theirs."""
    for house in (each for each in shelters.free_beds(db) if case is None or shelters.suits(case, each.kind)):
        kind = translate(codes.label("tipo_accoglienza", house.kind))
        words = f"{house.code} · {kind} · {house.free}"
        yield Option(house.code, words, words)


def _texts(purpose: str) -> Callable[[Session, Translate], Iterable[Option]]:
    """The versions of the texts that a person may have read, by the name that a consent keeps."""

    def listed(db: Session, translate: Translate) -> Iterable[Option]:
        words = {option.value: option for option in _languages()}
        for leaflet in leaflets.to_read(db, purpose):
            kind, language = leaflets.known()[leaflet.key], words[leaflet.language]
            draft = "" if leaflet.signed_by else f" ({translate(DRAFT)})"
            yield Option(
                leaflet.name,
                f"{kind.name}, {language.label}, {leaflet.version}{draft}",
                f"{kind.name_en}, {language.label_en}, {leaflet.version}{draft}",
            )

    return listed


_FIXED: dict[str, Callable[[], Sequence[Option]]] = {
    "provinces": _provinces,
    "languages": _languages,
    "countries": _countries,
}
_FROM_ROWS: dict[str, Callable[[Session, Translate], Iterable[Option]]] = {
    "bodies": _bodies,
    "posts": _posts,
    "projects": _projects,
    "consent_texts": _texts("consent"),
    "rights_texts": _texts("rights"),
}
_OF_SUBJECT: dict[str, Callable[[Session, str, Translate], Iterable[Option]]] = {
    "offers": _offers,
    "plan_readers": _plan_readers,
    "pei_goals": _pei_goals,
}
