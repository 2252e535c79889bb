"""Proposals for terms, told to the coordinators who may decide them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from cases import access, proposals
from cases.access import Actor
from cases.proposals import Proposal
from notifications import notices
from tasks import reminders


def propose(
    db: Session, actor: Actor, term_id: str, facts: Mapping[str, Any], reason: str, *, confirmed: bool
) -> Proposal:
    """Write a proposal and leave a notice for the other coordinators: one of them must decide."""
    access.require(actor, "term.change")
    proposal = proposals.propose(db, term_id, facts, reason, confirmed=confirmed, by=actor.user_id)
    for user in reminders.coordinators(db):
        if user.id != actor.user_id:
            notices.tell(db, f"term-{proposal.id}-{user.id}", user.id, "term_proposed", by=actor.user_id)
    return proposal
