"""Spans of time as people say them: a week, not 168 hours."""

import re
from datetime import timedelta

from flask_babel import gettext, ngettext

from engine import timing

DAY, WEEK = 24, 168
PLAIN = re.compile(r"P(?:(?P<days>\d{1,3})D|T(?P<hours>\d{1,3})H)")
_SAID = re.compile(r"(\d{1,3}) ?(?:(giorn[oi]|days?)|or[ae]|hours?)", re.I)


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


def in_words(rule: str) -> str:
    """The spans of a rule as people say them ("P3D,PT6H": 3 days, 6 hours); any other rule as it is written."""
    found = [PLAIN.fullmatch(part) for part in rule.split(",")]
    return ", ".join(_number(part) for part in found if part) if all(found) else rule


def as_rule(said: str) -> str:
    """What `in_words` says, in either language, as the rule that it was; anything else as it was typed."""
    found = [_SAID.fullmatch(part.strip()) for part in said.split(",")]
    return ",".join(f"P{part[1]}D" if part[2] else f"PT{part[1]}H" for part in found if part) if all(found) else said


def _number(plain: re.Match[str]) -> str:
    if plain["days"]:
        return str(ngettext("%(num)d giorno", "%(num)d giorni", int(plain["days"])))
    return str(ngettext("%(num)d ora", "%(num)d ore", int(plain["hours"])))
