"""Codes as words, for templates: roles, lists, posts, places, languages, the fields of a person."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, g
from flask_babel import get_locale

from cases import codes, posts, terms, territory
from cases.deadlines import Deadline
from cases.looks import Look
from core import users
from tasks import lists
from web import labels, spans
from web.language import say

# What a template calls it, and the list in web/labels.py that has the words; a code without words is said as it is.
TABLES = {
    "role_name": labels.ROLES,  # of a role or group
    "note_name": labels.NOTES,  # of a sealed note of a contact
    "identity_name": labels.IDENTITY,  # of a field of an identity
    "sender_name": labels.SENDER,  # of a field of who reported
    "way_name": labels.WAYS,  # of a field of the safe ways
    "profile_name": labels.PROFILE,  # of a field of the anonymous profile
    "plan_name": labels.PLAN,  # of a field of a travel plan
    "match_name": labels.MATCHES,  # by what somebody was found in a search
    "job_name": labels.JOBS,  # what a job of the clock does
    "deadline_state": labels.DEADLINE_STATES,  # what has become of a deadline
    "reveal_state": labels.REVEAL_STATES,  # what has become of a question for an address
    "move_state": labels.MOVE_STATES,  # what has become of a move to another version
    "verdict": labels.VERDICTS,  # whether a case can be moved
    "step_state": labels.STEP_STATES,  # how a step of a pathway stands
    "incident_state": labels.INCIDENT_STATES,  # what was done about an incident
    "offer_name": labels.OFFERS,  # what became of a call that was offered by voice
    "reminded_name": labels.REMINDED,  # what a rule of reminders is about
    "rung_name": labels.RUNGS,  # a rung of the ladder
    "rule_state": labels.RULE_STATES,  # where a version of a rule stands
    "stage_name": labels.STAGES,  # before, on or after the date
    "sent_state": labels.SENT,  # how a mail went
    "text_state": labels.TEXTS,  # how a text to a person went
    "letter_name": labels.LETTERS,  # what a mail is about
    "out_name": labels.OUTWAYS,  # a way out of the house
}


def teach(app: Flask) -> None:
    """Let every template say them."""
    told = (
        label, post_name, user_name, province_name, language_name, receiver_name, spelled, look_name, term_name,
        notice_words, keeping_name, told_of, headline, explanation, spans.lead_words, spans.of_hours, spans.every,
        spans.lasted,
    )  # fmt: skip
    app.jinja_env.globals.update({function.__name__: function for function in told})
    app.jinja_env.globals.update({name: _words_of(table) for name, table in TABLES.items()})
    app.jinja_env.globals["source_of"] = labels.source_of


def _words_of(table: Mapping[str, str]) -> Callable[[str | None], str]:
    return lambda code: say(table.get(code or "", code or ""))


def label(name: str, code: str | None) -> str:
    """The words for a code of a list."""
    return say(codes.label(name, code))


def post_name(code: str) -> str:
    """The name of a post, a proper name."""
    return posts.get(g.db, code).name


def user_name(user_id: str) -> str:
    """The name of a colleague; what the system did by itself carries its own word."""
    user = users.by_id(g.db, user_id)
    return user.name if user else user_id


def province_name(code: str | None) -> str:
    """The name of a province, a proper name; "non noto" for null."""
    return territory.province_name(code) if code else label("fase", None)


def language_name(code: str | None) -> str:
    """The name of a language."""
    known = {option.value: option.label_in(g.person.language) for option in lists.options(g.db, "languages", say)}
    return known.get(code, code) if code else label("fase", None)


def receiver_name(receiver: str) -> str:
    """Who may have the data: a kind of body, with its code if it is one body."""
    kind, _, body = receiver.partition(":")
    return f"{label('destinatario', kind)} {body}".strip()


def spelled(value: Any) -> str:
    """A value of an identity as text."""
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def look_name(look: Look) -> str:
    """What somebody looked at."""
    return say(labels.LOOKS.get(look.what, labels.LOOKS["case.looked"]))


def term_name(deadline: Deadline) -> str:
    """What a deadline is called: the name of the version of the term that it was computed with."""
    english = terms.get(g.db, deadline.term_id, deadline.term_version).name_en if str(get_locale()) == "en" else ""
    return english or deadline.name


def keeping_name(rule: str) -> str:
    """What a rule of retention is called today."""
    found = terms.in_use(g.db, rule)
    english = str(get_locale()) == "en"
    return next(((english and term.name_en) or term.name for term in found), rule)


def notice_words(kind: str) -> str:
    """What a notice says."""
    return say(labels.NOTICES_TOLD.get(kind, kind))


def told_of(kind: str) -> str:
    """What a notice said, for somebody else than its reader."""
    return say(labels.TOLD_OF.get(kind.rpartition("_")[2], labels.NOTICES_TOLD.get(kind, kind)))


def headline(code: int) -> str:
    """The title of a refusal."""
    return say(labels.HEADLINES.get(code, labels.HEADLINES[400]))


def explanation(code: int) -> str:
    """What to do about a refusal that carries no sentence of its own."""
    return say(labels.EXPLANATIONS.get(code, labels.EXPLANATIONS[400]))
