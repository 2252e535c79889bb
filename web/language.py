"""Words of the pages: the language of the reader, dates as a colleague would say them, sentences of the house."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from flask import Flask, g, request
from flask_babel import Babel, get_locale, gettext, ngettext
from jinja2 import pass_context
from markupsafe import Markup, escape

from core import clock
from tasks import spelling

LANGUAGES = {"it": "Italiano", "en": "English"}


def speak(app: Flask) -> None:
    """Give the application its languages; Italian is the source, so it needs no catalogue."""
    Babel(app, default_locale="it", default_timezone="Europe/Rome", locale_selector=chosen)
    app.jinja_env.globals["gettext"] = _as_said(app.jinja_env.globals["gettext"])
    told = (day, moment, whole_moment, due_words, due_state, iso, hour, stressed, capitalised, quarter)
    app.jinja_env.filters.update({function.__name__: function for function in told})
    app.jinja_env.globals.update(languages=LANGUAGES, named=named, language=lambda: str(get_locale()))


def _as_said(translate: Any) -> Callable[..., str]:
    """The words of a template with their facts, and the dates among them as they are said."""

    @pass_context
    def said(*found: Any, **facts: Any) -> str:
        text: str = translate(*found, **facts)
        return type(text)(spelling.elided(text)) if facts else text

    return said


def chosen() -> str:
    """The language of who is logged in, else one asked for by name, else what the browser wants, else Italian."""
    person = g.get("person")
    if person is not None and person.language in LANGUAGES:
        return str(person.language)
    form = request.form if _is_login() else {}
    asked = request.args.get("language") or form.get("speak") or form.get("language") or ""
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(list(LANGUAGES), "it")


def _is_login() -> bool:
    """Whether the login form was sent, which carries its language; a body too long is not even opened."""
    return request.endpoint == "auth.login" and (request.content_length or 0) <= (request.max_content_length or 0)


def say(sentence: str, params: Mapping[str, Any] | None = None) -> str:
    """An Italian sentence marked with N_ anywhere in the house, in the reader's language, with its facts."""
    facts = {name: _spoken(value) for name, value in (params or {}).items()}
    text = str(gettext(sentence)) if sentence else ""
    return spelling.elided(text % facts) if facts else text


def _spoken(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    return day(value) if isinstance(value, date) else value


def local(at: datetime) -> datetime:
    """An instant on the clocks of Italy."""
    return at.astimezone(clock.ROME)


def day(value: date | str | None, form: str = "full") -> str:
    """`giovedì 20 agosto 2026`; empty for nothing."""
    if not value:
        return ""
    on = date.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(on, datetime):
        on = local(on).date()
    return format_date(on, "EEEE d MMMM yyyy" if form == "full" else "d MMM yyyy", locale=get_locale())


def capitalised(sentence: str) -> str:
    """A sentence that began inside another one, standing alone."""
    return sentence[:1].upper() + sentence[1:]


def iso(at: datetime | date) -> str:
    """A date for machines, in Italian local time."""
    return local(at).isoformat(timespec="minutes") if isinstance(at, datetime) else at.isoformat()


def named(thing: Any) -> str:
    """The name of a task, model or step in the reader's language; models carry both."""
    english = thing.name_en if str(get_locale()) == "en" else ""
    return str(english or say(thing.name))


def stressed(text: str) -> Markup:
    """A text of a form with `**these words**` in bold, the one mark of Markdown that our forms use."""
    return Markup(re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", str(escape(text))))  # noqa: S704 - escaped first


def hour(at: datetime) -> str:
    """`10:32`."""
    return format_time(local(at).time(), "HH:mm", locale=get_locale())


def moment(at: datetime | None) -> str:
    """An instant of today as its hour, any other with its day."""
    if at is None:
        return ""
    if local(at).date() == clock.today():
        return hour(at)
    return str(format_datetime(local(at), "d MMM yyyy, HH:mm", locale=get_locale()))


def whole_moment(at: datetime | None) -> str:
    """An instant with its day, also when that is today: for what stands in a table for years."""
    return "" if at is None else str(format_datetime(local(at), "d MMM yyyy, HH:mm", locale=get_locale()))


def _days_to(due: date | datetime) -> int:
    on = local(due).date() if isinstance(due, datetime) else due
    return (on - clock.today()).days


def quarter(code: str) -> str:
    """A quarter by its code ("2026-Q4") in words: `4º trimestre 2026`."""
    year, _, number = code.partition("-Q")
    return format_date(date(int(year), int(number) * 3, 1), "QQQQ y", locale=get_locale())


def due_words(due: date | datetime | None) -> str:
    """How far a due date is: `scaduta da 2 giorni`, `oggi alle 15:30`, `domani`, `tra 3 giorni`."""
    if due is None:
        return ""
    if isinstance(due, datetime) and _days_to(due) == 0:
        at = hour(due)
        late, soon = gettext("scaduta oggi alle %(hour)s", hour=at), gettext("oggi alle %(hour)s", hour=at)
        return str(late if due < clock.now() else soon)
    return _distance(_days_to(due))


def _distance(days: int) -> str:
    if days < 0:
        return str(ngettext("scaduta ieri", "scaduta da %(num)d giorni", -days))
    if days < 2:
        return str(gettext("oggi") if days == 0 else gettext("domani"))
    return str(ngettext("tra %(num)d giorno", "tra %(num)d giorni", days))


def due_state(due: date | datetime | None) -> str:
    """The state that colours a due date: late, today, soon (a week), later, none."""
    if due is None:
        return "none"
    days = _days_to(due)
    if days < 0 or (isinstance(due, datetime) and due < clock.now()):
        return "late"
    return "today" if days == 0 else "soon" if days <= 7 else "later"
