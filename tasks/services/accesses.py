"""Services of the access review: write the questions, count what is left."""

from collections.abc import Mapping
from typing import Any

from cases import accesses
from cases.accesses import AccessRound
from core import users
from engine.services import Call, service
from tasks import accesses as work


@service("access_ask")
def access_ask(call: Call) -> Mapping[str, Any]:
    """Write one question per role; the supervision of the post is told, if there is one."""
    code = call.business_key
    accesses.ask(call.db, code, by=call.by)
    post = call.db.get_one(AccessRound, code).post
    answers_here = any(users.holders(call.db, role, post) for role in accesses.OVERSIGHT) if post else False
    left = accesses.count_open(call.db, code, unit=True) if answers_here else 0
    if left:
        work.tell(call.db, code, office=False, by=call.by)
    return {"access_unit_open": left}


@service("access_count")
def access_count(call: Call) -> Mapping[str, Any]:
    """How many accesses still wait; if any, the coordination is told."""
    left = accesses.settle(call.db, call.business_key, by=call.by)
    if left:
        work.tell(call.db, call.business_key, office=True, by=call.by)
    return {"access_open": left}
