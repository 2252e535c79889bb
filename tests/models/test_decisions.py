"""The decision tables: every contact gets a priority, a path and a post, and what is not known never counts as no."""

import itertools
import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from cases.territory import PROVINCES
from engine import decisions
from engine.timing import parse_span

WORKFLOWS = Path(__file__).parents[2] / "workflows"
POSTS = {post["code"]: post for post in tomllib.loads((WORKFLOWS / "directory.toml").read_text())["post"]}
ANSWERS = (True, False, None)
EVERY_CONTACT = [
    {"kind": kind, "danger": danger, "wants_out": wants_out, "minor": minor, "pertinent": pertinent}
    for kind, danger, wants_out, minor, pertinent in itertools.product(
        ("call", "street", "desk", "online"), ANSWERS, ANSWERS, ANSWERS, ANSWERS
    )
]


@pytest.fixture
def tables(db: Session) -> Session:
    for path in sorted((WORKFLOWS / "dmn").glob("*.dmn")):
        decisions.publish(db, path.read_bytes(), by="deploy")
    return db


def triage(tables: Session, **facts: Any) -> tuple[str, str]:
    found = decisions.decide(tables, "triage", dict.fromkeys(("danger", "wants_out", "minor", "pertinent")) | facts)
    return found["priority"], found["path"]


def routing(tables: Session, province: str | None, danger: bool | None, hour: int | None) -> tuple[str, str]:
    found = decisions.decide(tables, "routing", {"province": province, "danger": danger, "hour": hour})
    return found["post"], found["channel"]


@pytest.mark.parametrize("path", sorted((WORKFLOWS / "dmn").glob("*.dmn")), ids=lambda path: path.stem)
def test_the_table_has_no_finding(path: Path) -> None:
    assert decisions.check(path.read_bytes()) == []


def test_every_contact_gets_an_answer_and_whoever_is_sent_somewhere_gets_a_time(tables: Session) -> None:
    for facts in EVERY_CONTACT:
        found = decisions.decide(tables, "triage", facts)
        sent = found["path"] in ("instrada", "emergenza")
        assert (parse_span(found["pickup_within"]) is not None) == sent, facts


def test_an_adult_who_says_no_is_never_sent_anywhere(tables: Session) -> None:
    adults = [facts for facts in EVERY_CONTACT if facts["wants_out"] is False and facts["minor"] is False]

    assert {triage(tables, **facts)[1] for facts in adults} == {"informa", "chiudi", "registra"}


def test_a_minor_in_danger_is_always_an_emergency(tables: Session) -> None:
    minors = [facts for facts in EVERY_CONTACT if facts["minor"] and facts["danger"]]

    assert {triage(tables, **facts) for facts in minors} == {("emergenza", "emergenza")}


def test_what_is_not_known_never_closes_a_call(tables: Session) -> None:
    assert triage(tables, kind="call") == ("media", "instrada")
    assert triage(tables, kind="call", danger=False) == ("media", "instrada")
    assert triage(tables, kind="call", danger=True) == ("emergenza", "emergenza")


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ({"kind": "street"}, ("bassa", "registra")),
        ({"kind": "call", "danger": True, "wants_out": True}, ("emergenza", "emergenza")),
        ({"kind": "call", "pertinent": False}, ("bassa", "chiudi")),
        ({"kind": "call", "pertinent": False, "danger": True}, ("emergenza", "emergenza")),
        ({"kind": "call", "danger": True, "wants_out": False}, ("alta", "informa")),
        ({"kind": "street", "wants_out": True}, ("alta", "instrada")),
        ({"kind": "online", "minor": True}, ("alta", "instrada")),
        ({"kind": "desk", "danger": False, "wants_out": False}, ("bassa", "informa")),
        ({"kind": "call", "wants_out": False}, ("bassa", "informa")),
        ({"kind": "call", "reason": "consulenza"}, ("bassa", "informa")),
        ({"kind": "call", "reason": "consulenza", "danger": True}, ("emergenza", "emergenza")),
        ({"kind": "call", "reason": "consulenza", "minor": True}, ("alta", "instrada")),
        ({"kind": "call", "reason": "consulenza", "wants_out": True}, ("alta", "instrada")),
    ],
)
def test_triage_answers_as_a_colleague_would(tables: Session, facts: dict[str, Any], answer: tuple[str, str]) -> None:
    assert triage(tables, **facts) == answer


@pytest.mark.parametrize("province", [code for code, _ in PROVINCES])
def test_every_province_is_routed_to_the_project_of_the_directory(tables: Session, province: str) -> None:
    post, channel = routing(tables, province, True, 2)

    assert province in POSTS[post]["provinces"]
    assert channel == "reperibilita"


def test_the_desk_is_called_only_in_its_hours_and_only_when_there_is_surely_no_danger(tables: Session) -> None:
    assert routing(tables, "MI", False, 9) == ("lombardia-1", "telefono")
    assert routing(tables, "MI", False, 18) == ("lombardia-1", "reperibilita")
    assert routing(tables, "MI", None, 9) == ("lombardia-1", "reperibilita")
    assert routing(tables, "MI", False, None) == ("lombardia-1", "reperibilita")


@pytest.mark.parametrize("province", [None, "ZZ"])
def test_a_contact_from_nowhere_stays_at_the_central_desk(tables: Session, province: str | None) -> None:
    assert routing(tables, province, True, 2) == ("nv-centrale", "centrale")
