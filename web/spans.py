"""Spans of time as people say them: a week, not 168 hours."""

from datetime import timedelta

from flask_babel import gettext, ngettext

from engine import timing

DAY, WEEK = 24, 168


def of_hours(hours: int) -> str:
    """A number of hours: in weeks or days where it is whole ones."""
    if hours and hours % WEEK == 0:
        return str(ngettext("una settimana", "%(num)d settimane", hours // WEEK))
    if hours and hours % DAY == 0:
        return str(ngettext("un giorno", "%(num)d giorni", hours // DAY))
    return str(ngettext("un'ora", "%(num)d ore", hours))


def every(hours: int) -> str:
    """How often, from a number of hours."""
    if hours % WEEK == 0:
        return str(ngettext("ogni settimana", "ogni %(num)d settimane", hours // WEEK))
    if hours % DAY == 0:
        return str(ngettext("ogni giorno", "ogni %(num)d giorni", hours // DAY))
    return str(ngettext("ogni ora", "ogni %(num)d ore", hours))


def lead_words(lead: str) -> str:
    """A lead time in words: P2D is two days before."""
    span = timing.parse_span(lead)
    if span is None or span.months:
        return lead
    hours = span.days * DAY + (span.seconds // 3600 if span.seconds else 0)
    return str(gettext("%(span)s prima", span=of_hours(hours)))


def lasted(span: timedelta) -> str:
    """A duration as people say it: the greatest unit that fits."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 2880:
        return str(ngettext("%(num)d giorno", "%(num)d giorni", minutes // 1440))
    if minutes >= 120:
        return str(ngettext("%(num)d ora", "%(num)d ore", minutes // 60))
    return str(ngettext("%(num)d minuto", "%(num)d minuti", minutes))
