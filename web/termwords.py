"""Words for terms, offices and dates: lengths, kinds, certainties, what a proposal does, closed days."""

from datetime import date
from typing import Any

from flask import Flask, g
from flask_babel import get_locale, gettext, ngettext

from cases import offices, terms
from cases.terms import Term
from core.errors import N_
from web.language import say

KINDS = {
    "ACT": N_("atto: se scade di festa passa al primo giorno non festivo"),
    "VAL": N_("durata: non si sposta mai"),
    "BACK": N_("all'indietro: almeno tanto tempo prima"),
    "SLA": N_("obiettivo del servizio"),
}
UNITS = {
    "hour": N_("ore"),
    "day": N_("giorni"),
    "working_day": N_("giorni lavorativi"),
    "month": N_("mesi"),
    "year": N_("anni"),
}
CERTAINTIES = {
    "A": N_("testo di legge letto"),
    "B": N_("fonte secondaria letta"),
    "C": N_("conoscenza del settore"),
    "D": N_("prassi, non legge"),
}
FACTS = {
    "name": N_("Nome"),
    "name_en": N_("Nome in inglese"),
    "source": N_("Fonte"),
    "length": N_("Durata"),
    "unit": N_("Unità"),
    "kind": N_("Come si conta"),
    "starts": N_("Da che cosa si conta"),
    "who": N_("Chi deve agire"),
    "on_expiry": N_("Che cosa succede alla scadenza"),
    "extendable": N_("Si può prorogare?"),
    "certainty": N_("Certezza"),
    "valid_from": N_("Vale per i fatti dal"),
    "valid_to": N_("fino al"),
    "reminders": N_("Promemoria"),
    "note": N_("Nota"),
    "reason": N_("Perché"),
    "confirm": N_("Conferma"),
}
STATES = {
    "open": N_("in attesa di una seconda persona"),
    "approved": N_("approvata"),
    "rejected": N_("respinta"),
    "withdrawn": N_("ritirata"),
}
EFFECTS = {
    "closed": N_("La versione %(version)s resta in uso solo per i fatti %(span)s."),
    "moved": N_("La versione %(version)s resta in uso solo per i fatti %(span)s."),
    "split": N_("La versione %(version)s resta in uso fino al %(start)s e di nuovo dal %(end)s."),
    "replaced": N_("La versione %(version)s non è più in uso per nessun fatto."),
    "gap": N_("Per i fatti %(span)s non c'è nessuna regola."),
}
CLOSED = {
    "yearly": N_("ogni anno nello stesso giorno (patrono)"),
    "whit_monday": N_("lunedì di Pentecoste"),
    "closure": N_("chiusura, dal primo all'ultimo giorno"),
    "june29": N_("29 giugno, anche festivo per i termini di legge"),
}
TABLES = {"kind": KINDS, "unit": UNITS, "certainty": CERTAINTIES}


def teach(app: Flask) -> None:
    """Let every template say them."""
    told = (
        length_name, fact_name, fact_words, effect_words, state_words, closed_words, term_title, is_unsure, choices,
        office_choices,
    )  # fmt: skip
    app.jinja_env.globals.update({function.__name__: function for function in told})
    app.jinja_env.globals["span"] = span_words


def term_title(term: Term) -> str:
    """What a version is called in the reader's language."""
    return (term.name_en if str(get_locale()) == "en" else None) or term.name


def length_name(length: int | None, unit: str | None) -> str:
    """`45 giorni`, `1 anno`; a term without a figure says so."""
    if length is None or unit is None:
        return str(gettext("senza una durata"))
    forms = {
        "hour": ngettext("%(num)d ora", "%(num)d ore", length),
        "day": ngettext("%(num)d giorno", "%(num)d giorni", length),
        "working_day": ngettext("%(num)d giorno lavorativo", "%(num)d giorni lavorativi", length),
        "month": ngettext("%(num)d mese", "%(num)d mesi", length),
        "year": ngettext("%(num)d anno", "%(num)d anni", length),
    }
    return str(forms[unit])


def span_words(start: date | None, end: date | None) -> str:
    """For which events a version holds."""
    return terms.span(start, end) if start or end else str(gettext("di qualunque data"))


def fact_name(field: str) -> str:
    """What a field of a version is called."""
    return say(FACTS.get(field, field))


def fact_words(field: str, value: Any) -> str:
    """What a field of a version says."""
    if value is None or value == []:
        return "–"
    if field in TABLES:
        return f"{value}: {say(TABLES[field].get(value, value))}" if field != "unit" else say(UNITS.get(value, value))
    if field == "reminders":
        return ", ".join(_reminder(entry) for entry in value)
    return f"{value:%d/%m/%Y}" if hasattr(value, "strftime") else str(value)


def _reminder(entry: Any) -> str:
    if entry == terms.LAST_WORKING_DAY:
        return str(gettext("ultimo giorno lavorativo"))
    days: int = entry["days_before"]
    return str(ngettext("%(num)d giorno prima", "%(num)d giorni prima", days))


def effect_words(effect: Any) -> str:
    """What becomes of a version in use, as a sentence."""
    start, end = (f"{day:%d/%m/%Y}" if day else "…" for day in (effect.valid_from, effect.valid_to))
    span = terms.span(effect.valid_from, effect.valid_to)
    return say(EFFECTS[effect.what], {"version": effect.version, "span": span, "start": start, "end": end})


def state_words(status: str) -> str:
    """How a proposal stands."""
    return say(STATES.get(status, status))


def closed_words(entry: offices.OfficeDay) -> str:
    """Which days a closed day is."""
    if entry.kind == "yearly":
        return str(gettext("%(day)s/%(month)s di ogni anno", day=f"{entry.day:02}", month=f"{entry.month:02}"))
    return say(CLOSED.get(entry.kind, entry.kind))


def choices(name: str) -> list[tuple[str, str]]:
    """The choices of a field with their words."""
    table = {**TABLES, "closed": CLOSED}[name]
    prefix = "" if name in ("unit", "closed") else "{}: "
    return [(code, prefix.format(code) + say(words)) for code, words in table.items()]


def office_choices(known: list[offices.Office]) -> list[tuple[str, str]]:
    """The offices as choices of a field."""
    return [(office.code, office.name) for office in known]


def is_unsure(due_source: str | None) -> bool:
    """Does a due date come from a term that is to be verified?"""
    term_id = (due_source or "").partition(" ")[2]
    if not term_id:
        return False
    if "unsure_terms" not in g:
        g.unsure_terms = terms.unsure_ids(g.db)
    return term_id in g.unsure_terms
