"""In words: what becomes of a contact that is still being typed."""

from datetime import timedelta

from flask_babel import gettext

from core.errors import N_
from engine import timing
from tasks.triage import Ahead
from web import spans
from web.language import say
from web.names import post_name, user_name

PRIORITIES = {
    "emergenza": N_("Priorità: emergenza."),
    "alta": N_("Priorità: alta."),
    "media": N_("Priorità: media."),
    "bassa": N_("Priorità: bassa."),
}
HERE = {
    "registra": N_("Resta scritto qui: nessuno viene chiamato."),
    "informa": N_("Si danno le informazioni e si chiude: nessuno viene chiamato."),
    "chiudi": N_("Si chiude come non pertinente."),
}


def told(ahead: Ahead) -> list[str]:
    """How urgent, who is called, within what time: one sentence each."""
    said = [say(PRIORITIES.get(ahead.priority, ahead.priority))]
    if ahead.post is None:
        return [*said, *([say(HERE[ahead.path])] if ahead.path in HERE else [])]
    where = post_name(ahead.post)
    if ahead.desk_answers:
        said.append(gettext("Va allo sportello: %(post)s.", post=where))
    elif ahead.on_call:
        said.append(gettext("Va a %(user)s, di turno per %(post)s.", user=user_name(ahead.on_call), post=where))
    else:
        said.append(gettext("Va a %(post)s, ma ora nessuno è di turno: sarà avvisato il coordinamento.", post=where))
    return [*said, *_within(ahead.within)]


def _within(text: str) -> list[str]:
    span = timing.parse_span(text)
    if span is None or span.months:
        return []
    return [gettext("Risposta entro %(span)s.", span=spans.lasted(timedelta(span.days, span.seconds)))]
