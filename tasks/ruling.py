"""A new rule of reminders is proposed by one coordinator, the others are told, and a second person approves."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from cases import access
from cases.access import Actor
from tasks import chasing, news, rules, subjects
from tasks.rules import ReminderRule


def propose(db: Session, actor: Actor, what: str, facts: Mapping[str, Any], reason: str) -> ReminderRule:
    """Write a proposal down and tell the coordinators who may decide it."""
    access.require(actor, "reminder.change")
    made = rules.propose(db, what, facts, reason, by=actor.user_id)
    for user in subjects.coordinators(db):
        if user.id != actor.user_id:
            news.tell(db, f"rule-{made.id}-{user.id}", user.id, "rule_proposed", by=actor.user_id)
    return made


def approve(db: Session, proposal_id: str, *, by: str) -> ReminderRule:
    """The second person says yes; what is chased already is looked at again, by the new rule. Raises WrongOrder."""
    decided = rules.approve(db, proposal_id, by=by)
    chasing.look_again(db, decided.what)
    return decided
