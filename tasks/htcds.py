"""Cases as records of HTCDS 2.0 for analysis: what the registers know in codes and dates, and all fields by name."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from cases import casefile, htcds_record, pei, posts, referrals, transfers
from cases.casefile import Case
from cases.consents import Consent
from cases.htcds_record import Around
from core.clock import ROME


def export(db: Session, codes: Sequence[str]) -> bytes:
    """The records of these cases, and what each field of the standard is to us. NotHtcds: then nothing leaves."""
    cases = db.scalars(select(Case).where(Case.code.in_(codes)).order_by(Case.code))
    records = [_record(db, case) for case in cases]
    content = {"standard": "HTCDS 2.0", "records": records, "fields": htcds_record.mapping()}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _record(db: Session, case: Case) -> dict[str, Any]:
    record = {"case": case.code, **htcds_record.of_case(case, _around(db, case))}
    plan = pei.current(db, case.code)
    goals = pei.goals(db, plan.id) if plan else []
    plans = (
        htcds_record.of_goal(goal.area, goal.by_on, goal.outcome_on if goal.outcome == "raggiunto" else None)
        for goal in goals
    )
    return record | {"support_plans": [each for each in plans if each]}


def _around(db: Session, case: Case) -> Around:
    post = posts.get(db, case.post)
    arrived = [each for each in transfers.of_case(db, case.code) if each.arrived_at and each.to_post == case.post]
    came = max(arrived, key=lambda each: each.arrived_at or each.requested_at, default=None)
    sent = max(referrals.of_case(db, case.code), key=lambda each: (each.sent_on, each.code), default=None)
    said = select(Consent.given, Consent.withdrawn_on).where(
        Consent.case_code == case.code, Consent.purpose == "trattamento_dati"
    )
    answer = db.execute(said.order_by(Consent.recorded_at.desc()).limit(1)).first()
    return Around(
        owner=next(iter(casefile.workers(db, case.code)), None),
        consent=bool(answer.given and answer.withdrawn_on is None) if answer else None,
        post_name=post.name,
        lead_kind=post.lead_kind,
        came_from=came.from_post if came else None,
        came_on=came.arrived_at.astimezone(ROME).date() if came and came.arrived_at else None,
        came_by=came.requested_by if came else None,
        came_because=came.reason if came else None,
        sent_to=sent.body_kind if sent else None,
        sent_on=sent.sent_on if sent else None,
    )
