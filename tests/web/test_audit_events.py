"""One line for everything that counts: each kind of event is done at the desk, and its line is looked for in the log.

Issue 8, point 1: looks at protected data (P2 to P5), refusals, search, export, print, reveal, emergency, login, change of
role, publication of a model, mail, timer; field changes as commitments, never as values.
"""


import pytest
from sqlalchemy import select

import core.db
from cases import persons, sheets
from core import clock, log, seal, users
from engine import decisions, registry
from engine.tables import Timer
from notifications import outbox
from tasks import schedule
from tests.web.browser import Browser
from tests.web.office import MILAN
from tests.web.walk import Walk

REASON = "Serve per il controllo di settembre"
SECRET = "Testimonianza al pubblico ministero"


def lines(verb: str) -> list[log.Line]:
    with core.db.transaction() as db:
        return list(db.scalars(select(log.Line).where(log.Line.verb == verb).order_by(log.Line.id)))


def who(login: str) -> str:
    with core.db.transaction() as db:
        user = users.by_login(db, login)
        assert user
        return user.id


@pytest.fixture
def events(placed: Walk) -> "Events":
    return Events(placed)


class Events:
    """Each kind of event, done as people do it; returns the verb and the person that the line must name."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def desk(self, login: str) -> Browser:
        return self.walk.desk(login) if login in self.walk.desks else Browser(self.walk.app, login)

    def look_p2(self) -> tuple[str, str]:
        assert self.desk("carla").get(f"/cases/{self.walk.case}/people/identity").status_code == 200
        return "case.viewed:P2", "carla"

    def look_p3(self) -> tuple[str, str]:
        self.sheet("P3", {"story": "frase tre"})
        return "sheet.viewed:P3", "carla"

    def look_p4(self) -> tuple[str, str]:
        assert self.desk("carla").get(f"/cases/{self.walk.case}/people/ways").status_code == 200
        return "case.viewed:P4", "carla"

    def look_p5(self) -> tuple[str, str]:
        self.sheet("P5", {"register": SECRET}, "giulia")
        return "sheet.viewed:P5", "giulia"

    def sheet(self, cls: str, answers: dict[str, str], reader: str = "carla") -> None:
        with core.db.transaction() as db:
            filed = sheets.file(db, self.walk.case, "appeal", {cls: answers}, by="u_test")
        assert self.desk(reader).get(f"/sheets/{self.walk.case}/{filed.id}").status_code == 200

    def refusal(self) -> tuple[str, str]:
        assert Browser(self.walk.app, "piero").get(f"/cases/{self.walk.case}").status_code == 404
        return "access.refused", "piero"

    def search(self) -> tuple[str, str]:
        desk = self.desk("carla")
        desk.get("/search")
        desk.send("/search", purpose="apertura", name="Grazia")
        return "search.done", "carla"

    def export(self) -> tuple[str, str]:
        marco = self.desk("marco")
        marco.get(f"/audit/cases/{self.walk.case}")
        marco.send("/audit/exports", case=self.walk.case, export="jsonl", reason=REASON)
        lucia = self.desk("lucia")
        lucia.get("/handouts")
        lucia.send("/handouts/" + lucia.reply.text.partition('action="/handouts/')[2].partition('"')[0], answer="yes")
        room = marco.get("/audit").text
        file = "/audit/exports/" + room.partition('action="/audit/exports/')[2].partition('"')[0]
        assert marco.send(file).status_code == 200
        return "handout.taken", "marco"

    def printing(self) -> tuple[str, str]:
        assert self.desk("marco").get(f"/audit/cases/{self.walk.case}/report.pdf").status_code == 200
        return "audit.printed", "marco"

    def reveal(self) -> tuple[str, str]:
        desk, page = self.desk("carla"), f"/cases/{self.walk.case}/address"
        desk.get(page)
        assert desk.send(page, why="accompagnare", reason="La accompagno alla visita di stasera").status_code == 303
        return "reveal.asked", "carla"

    def emergency(self) -> tuple[str, str]:
        desk = Browser(self.walk.app, "piero")
        desk.get("/emergency")
        assert desk.send("/emergency", code=self.walk.case, reason="La persona chiama dalla stazione, ora").status_code == 303
        return "case.glass_broken", "piero"

    def login(self) -> tuple[str, str]:
        Browser(self.walk.app, "ines")
        return "session.opened", "ines"

    def role(self) -> tuple[str, str]:
        nadia = who("nadia")
        with core.db.transaction() as db:
            user = users.by_login(db, "carla")
            assert user
            users.revoke(db, user, "case_manager", MILAN, by=nadia)
        return "role.revoked", "nadia"

    def model(self) -> tuple[str, str]:
        lucia = who("lucia")
        with core.db.transaction() as db:
            xml = registry.get(db, registry.current(db, "errands").id).xml
            registry.publish(db, xml.replace(b"Si riapre quando serve.", b"Si riapre."), by=lucia)
        return "model.published", "lucia"

    def mail(self) -> tuple[str, str]:
        carla = who("carla")
        with core.db.transaction() as db:
            outbox.put(db, "digest-x-1", carla, "digest", {"open": 1}, by="clock")
        return "message.promised", "clock"

    def timer(self) -> tuple[str, str]:
        self.walk.ring()  # a call that nobody answers in time
        with core.db.transaction() as db:
            first = min(db.scalars(select(Timer.due_at)))
        self.walk.time.at(f"{first.astimezone(clock.ROME):%Y-%m-%d %H:%M}")
        self.walk.time.forward(minutes=1)
        schedule.fire_timers()
        return "timer.fired", "clock"


KINDS = [name for name, found in vars(Events).items() if callable(found) and name not in ("__init__", "desk", "sheet")]


@pytest.mark.parametrize("kind", KINDS)
def test_it_leaves_one_line_that_says_who_and_when(events: Events, kind: str) -> None:
    while True:
        with core.db.transaction() as db:
            if seal.seal(db, by="clock") is None:
                break
    told, person = getattr(events, kind)()
    verb, _, cls = told.partition(":")
    last = lines(verb)[-1]

    assert last.actor == (person if person == "clock" else who(person))
    assert last.at <= clock.now()
    assert not cls or cls in str(last.facts)
    with core.db.transaction() as db:
        assert log.verify(db) == []


def test_a_finished_task_names_its_model_and_a_rule_that_was_asked_its_version(placed: Walk) -> None:
    done, asked = lines("task.completed")[-1].facts, lines("decision.taken")[-1].facts
    with core.db.transaction() as db:
        model = registry.current(db, done["process"])
        rule = decisions.current(db, asked["decision"])

    assert done["version"] == model.version
    assert rule is not None
    assert asked["version"] == rule.version
    assert asked.keys() == {"decision", "version", "element", "instance"}  # what the rule said is no fact of the log


def test_what_was_read_changed_or_searched_stands_in_no_line(events: Events) -> None:
    events.look_p5()
    events.search()
    carla = who("carla")
    with core.db.transaction() as db:
        persons.record(db, events.walk.case, {"first_name": "Grazia"}, None, by=carla)
        persons.record(db, events.walk.case, {"first_name": "Grace"}, None, by=carla)
    said = "".join(line.body for verb in ("person.recorded", "search.done", "sheet.viewed", "sheet.filed") for line in lines(verb))
    change = lines("person.recorded")[-1].facts

    for word in (SECRET, "Grazia", "Grace"):
        assert word not in said
    assert change["before"]["first_name"] != change["after"]["first_name"]
    assert len(change["after"]["first_name"]) >= 32


def test_a_refused_login_and_a_wrong_code_are_lines_too(placed: Walk) -> None:
    desk = Browser(placed.app)
    desk.get("/login")
    desk.send("/login", login="carla", password="sbagliata del tutto")

    assert lines("login.refused")[-1].actor == who("carla")


def test_what_was_undone_leaves_no_line(placed: Walk) -> None:
    before, carla = len(lines("person.recorded")), who("carla")
    with pytest.raises(RuntimeError, match="half way"), core.db.transaction() as db:
        persons.record(db, placed.case, {"first_name": "Grace"}, None, by=carla)
        raise RuntimeError("half way")

    assert len(lines("person.recorded")) == before
