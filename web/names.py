"""Codes as words, for templates: roles, lists, posts, places, languages, the fields of a person."""

from typing import Any

from flask import Flask, g
from flask_babel import get_locale, ngettext

from cases import codes, posts, terms, territory
from cases.deadlines import Deadline
from cases.looks import Look
from core import users
from engine import timing
from tasks import lists
from web import labels
from web.language import say


def teach(app: Flask) -> None:
    """Let every template say them."""
    told = (
        label, role_name, post_name, user_name, province_name, language_name, receiver_name, note_name, identity_name,
        sender_name, way_name, profile_name, plan_name, spelled, match_name, look_name, job_name, term_name,
        keeping_name, deadline_state, reveal_state, step_state, incident_state, offer_name, headline, explanation,
        reminded_name, rung_name, rule_state, stage_name, sent_state, lead_words, told_words,
    )  # fmt: skip
    app.jinja_env.globals.update({function.__name__: function for function in told})
    app.jinja_env.globals["source_of"] = labels.source_of


def label(name: str, code: str | None) -> str:
    """The words for a code of a list."""
    return say(codes.label(name, code))


def role_name(role: str | None) -> str:
    """The name of a role or group."""
    return say(labels.ROLES.get(role or "", role or ""))


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


def note_name(field: str) -> str:
    """The name of a sealed note of a contact."""
    return say(labels.NOTES.get(field, field))


def identity_name(field: str) -> str:
    """The name of a field of an identity."""
    return say(labels.IDENTITY.get(field, field))


def sender_name(field: str) -> str:
    """The name of a field of who reported."""
    return say(labels.SENDER.get(field, field))


def way_name(field: str) -> str:
    """The name of a field of the safe ways."""
    return say(labels.WAYS.get(field, field))


def profile_name(field: str) -> str:
    """What a field of the anonymous profile is called."""
    return say(labels.PROFILE[field])


def plan_name(field: str) -> str:
    """What a field of a travel plan is called."""
    return say(labels.PLAN[field])


def spelled(value: Any) -> str:
    """A value of an identity as text."""
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def look_name(look: Look) -> str:
    """What somebody looked at."""
    return say(labels.LOOKS.get(look.what, labels.LOOKS["case.looked"]))


def match_name(kind: str) -> str:
    """By what somebody was found in a search."""
    return say(labels.MATCHES.get(kind, kind))


def job_name(name: str) -> str:
    """What a job of the clock does."""
    return say(labels.JOBS.get(name, name))


def term_name(deadline: Deadline) -> str:
    """What a deadline is called: the name of the version of the term that it was computed with."""
    english = terms.get(g.db, deadline.term_id, deadline.term_version).name_en if str(get_locale()) == "en" else ""
    return english or deadline.name


def keeping_name(rule: str) -> str:
    """What a rule of retention is called today."""
    found = terms.in_use(g.db, rule)
    english = str(get_locale()) == "en"
    return next(((english and term.name_en) or term.name for term in found), rule)


def deadline_state(status: str) -> str:
    """What has become of a deadline."""
    return say(labels.DEADLINE_STATES.get(status, status))


def reveal_state(state: str) -> str:
    """What has become of a question for an address."""
    return say(labels.REVEAL_STATES.get(state, state))


def step_state(state: str) -> str:
    """How a step of a pathway stands."""
    return say(labels.STEP_STATES.get(state, state))


def incident_state(status: str) -> str:
    """What was done about an incident."""
    return say(labels.INCIDENT_STATES.get(status, status))


def offer_name(outcome: str | None) -> str:
    """What became of a call that was offered by voice."""
    return say(labels.OFFERS.get(outcome or "", outcome or ""))


def headline(code: int) -> str:
    """The title of a refusal."""
    return say(labels.HEADLINES.get(code, labels.HEADLINES[400]))


def explanation(code: int) -> str:
    """What to do about a refusal that carries no sentence of its own."""
    return say(labels.EXPLANATIONS.get(code, labels.EXPLANATIONS[400]))


def reminded_name(what: str) -> str:
    """What a rule of reminders is about."""
    return say(labels.REMINDED.get(what, what))


def rung_name(rung: str) -> str:
    """A rung of the ladder."""
    return say(labels.RUNGS.get(rung, rung))


def rule_state(status: str) -> str:
    """Where a version of a rule stands."""
    return say(labels.RULE_STATES.get(status, status))


def stage_name(stage: str) -> str:
    """Before, on or after the date."""
    return say(labels.STAGES.get(stage, stage))


def sent_state(status: str) -> str:
    """How a mail went."""
    return say(labels.SENT.get(status, status))


def told_words(kind: str) -> str:
    """What a notice says."""
    return say(labels.NOTICES_TOLD.get(kind, kind))


def lead_words(lead: str) -> str:
    """A lead time in words: P2D is two days."""
    span = timing.parse_span(lead)
    if span is None or span.months:
        return lead
    if span.seconds:
        return str(ngettext("%(num)d ora prima", "%(num)d ore prima", span.seconds // 3600 + span.days * 24))
    return str(ngettext("%(num)d giorno prima", "%(num)d giorni prima", span.days))
