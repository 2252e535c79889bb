"""Services of the integration: the individual plan and its reviews, courses, internships and work, the next home."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from cases import casefile, courses, internships, pei, shelters
from cases.internships import Agreement
from core import clock
from engine import instances
from engine.services import Call, service
from tasks import pathways
from tasks.services.reading import answers_of, day_of, named

CARRIED = frozenset({"protection", "programme", "exit"})  # what goes on after a plan
YES = {"si": True, "no": False}


@service("pei_record")
def pei_record(call: Call) -> Mapping[str, Any]:
    """Write the plan as the sheet says it: a first version, or the next one."""
    words = answers_of(call, "pei")
    made = pei.write(
        call.db,
        call.business_key,
        day_of(call, "pei_on") or clock.today(),
        [_aim(words, area) for area in words.get("pei_areas") or ()],
        autonomy=call.facts.get("autonomy"),
        review_on=day_of(call, "pei_review_on"),
        by=call.by,
    )
    return {"pei_due_on": made.review_on.isoformat()}


def _aim(words: Mapping[str, Any], area: str) -> pei.Aim:
    said = {name: str(words.get(f"{name}_{area}") or "") for name in pei.WORDS}
    by_on = words.get(f"by_{area}")
    return pei.Aim(area, said, words.get(f"responsible_{area}"), date.fromisoformat(by_on) if by_on else None)


@service("pei_review_record")
def pei_review_record(call: Call) -> None:
    """Write down what came of the goals that were spoken of."""
    words = answers_of(call, "pei_review")
    found = {key.removeprefix("outcome_"): value for key, value in words.items() if key.startswith("outcome_")}
    on = day_of(call, "pei_reviewed_on") or clock.today()
    outcomes = {area: value for area, value in found.items() if value}
    with named(autonomy="autonomy_now"):
        pei.review(call.db, call.business_key, on, outcomes, autonomy=call.facts.get("autonomy_now"), by=call.by)


@service("pei_end")
def pei_end(call: Call) -> None:
    """The plan is over: the team and the person say so. Where no programme waits for it, the exit begins from here."""
    code = call.business_key
    pei.end(call.db, code, day_of(call, "pei_reviewed_on") or clock.today(), by=call.by)
    running = {definition.process_id for _, definition in instances.open_instances(call.db, code)}
    if not running & CARRIED:
        pathways.begin(call.db, casefile.get(call.db, code), "exit_begins", by=call.by)


@service("course_enrol")
def course_enrol(call: Call) -> Mapping[str, Any]:
    """Begin a course."""
    facts = call.facts
    made = courses.enrol(
        call.db,
        call.business_key,
        facts["course_level"],
        facts["course_provider"],
        day_of(call, "course_from") or clock.today(),
        day_of(call, "course_to"),
        by=call.by,
    )
    return {"course": made.id}


@service("course_end")
def course_end(call: Call) -> None:
    """End a course with what came of it."""
    on, facts = day_of(call, "course_ended") or clock.today(), call.facts
    outcome, attendance = facts["course_outcome"], facts.get("course_attendance")
    courses.end(call.db, call.business_key, facts["course"], on, outcome, attendance, by=call.by)


@service("internship_begin")
def internship_begin(call: Call) -> Mapping[str, Any]:
    """Begin an internship or a job; one with an end is counted month by month."""
    facts = call.facts
    agreed = Agreement(
        kind=facts["work_kind"],
        from_on=day_of(call, "work_from") or clock.today(),
        to_on=day_of(call, "work_to"),
        weekly_hours=facts.get("weekly_hours"),
        allowance=facts.get("allowance"),
        payer=facts.get("allowance_payer"),
        insured=YES.get(str(facts.get("insured"))),
        announced_on=day_of(call, "announced_on"),
    )
    made = internships.begin(call.db, call.business_key, agreed, answers_of(call, "internship_plan"), by=call.by)
    counted = agreed.kind in internships.WITH_MONTHS
    return {"internship": made.id, "month_on": _month_end(agreed.from_on, agreed.to_on) if counted else None}


@service("internship_month_record")
def internship_month_record(call: Call) -> Mapping[str, Any]:
    """Write a month down; after the last one there is no next."""
    facts, day = call.facts, date.fromisoformat(call.facts["month_on"])
    internships.month(
        call.db,
        call.business_key,
        facts["internship"],
        day,
        facts["month_hours"],
        absences=facts.get("month_absences"),
        paid_on=day_of(call, "paid_on"),
        by=call.by,
    )
    made = internships.find(call.db, call.business_key, facts["internship"])
    over = made.to_on is None or day >= made.to_on or facts.get("internship_goes_on") == "no"
    return {"month_on": None if over else _month_end(date.fromordinal(day.toordinal() + 1), made.to_on)}


def _month_end(day: date, to_on: date | None) -> str:
    """The last day of the month, or of the internship if that comes first."""
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return min(last, to_on or last).isoformat()


@service("internship_end")
def internship_end(call: Call) -> None:
    """End an internship with what came of it."""
    on, facts = day_of(call, "internship_ended") or clock.today(), call.facts
    internships.end(call.db, call.business_key, facts["internship"], on, facts["internship_outcome"], by=call.by)


@service("housing_move")
def housing_move(call: Call) -> None:
    """Move to the next home: the house she leaves loses the case at once, the one she enters sees it."""
    moved_on, code = day_of(call, "moved_on") or clock.today(), call.business_key
    shelter = call.facts.get("shelter")
    with named(placed_on="moved_on", left_on="moved_on"):
        if shelter:
            shelters.place(call.db, code, shelter, moved_on, beds=call.facts.get("beds") or 1, by=call.by)
        elif shelters.current(call.db, code) is not None:
            shelters.leave(call.db, code, moved_on, by=call.by)
