"""Scenario C at the desk: a girl who says nineteen and looks fifteen, from the first night to the age of twenty-one.

Invented persons and houses. Every date that the law gives is asserted, and that nothing for adults is offered to her.
"""

from datetime import date

import pytest
from sqlalchemy import select

import core.db
from cases import consents, deadlines, minors, permits, posts, shelters
from core import log
from core.log import Line
from tasks import schedule
from tests.web.walk import Walk

BOTH = {"consent_by": "guardian", "consent_assent": "si", "consent_on": "2026-10-05", "consent_language": "fr",
        "consent_text_version": "informativa-it-1", "consent_way": "scritto"}  # fmt: skip


@pytest.fixture
def walk(app, time):
    return Walk(app, time)


@pytest.fixture
def home(app):
    """The home for minors M-03, by its code."""
    with core.db.transaction() as db:
        posts.record(db, "comunita-m03", {"name": "Comunità di prova", "kind": "shelter"}, by="demo")
        return shelters.open_shelter(db, "comunita-m03", "comunita_minori", 3, by="demo").code


def dates(walk):
    with core.db.transaction() as db:
        return {each.term_id: each.due_on for each in deadlines.of_case(db, walk.case, only_open=True)}


def arrive(walk):
    """3 September, morning: the police bring her; the age is not known; a case opens."""
    desk = walk.at("2026-09-03 09:00", "bruno")
    desk.get("/contacts/new/desk")
    walk.call = walk._recorded(desk, "/contacts/new/desk", province="MI", danger="si", wants_out="si", language="fr")
    walk.do(desk, "Rispondi e vai incontro", pickup_at="2026-09-03T09:00", pickup_outcome="case")
    page = desk.get(f"/contacts/{walk.call}").text
    walk.case = page.partition('href="/cases/')[2].partition('"')[0]


def doubt(walk):
    """The same morning: in doubt she is a minor."""
    desk = walk.at("2026-09-03 10:00", "carla")
    desk.get(f"/cases/{walk.case}")
    assert desk.send(f"/cases/{walk.case}/pathways/minor").status_code == 303
    walk.do(
        desk, "Registra l'accoglienza", received_on="2026-09-03", age_is="in_dubbio", community_kind="comunita",
        told=["procura_minorile", "tribunale_minorenni", "mlps"],
    )  # fmt: skip


def test_a_girl_whose_age_is_in_doubt(walk, home):
    arrive(walk)
    assert "Rimpatrio volontario assistito" in walk.page("carla", f"/cases/{walk.case}")
    doubt(walk)

    page = walk.page("carla", f"/cases/{walk.case}")
    assert "età in dubbio: come minore" in page
    assert "Rimpatrio volontario assistito" not in page
    desk = walk.desk("carla")
    assert desk.client.post(f"/cases/{walk.case}/pathways/voluntary_return",
                            data={"csrf_token": desk.token()}).status_code == 422  # fmt: skip
    assert "lunedì 14 settembre 2026" in page
    assert "domenica 18 ottobre 2026" in page
    assert (dates(walk)["T30"], dates(walk)["T31"]) == (date(2026, 9, 14), date(2026, 10, 18))
    assert "T32" not in dates(walk)

    task = desk.task("Trova un posto sicuro")
    desk.get(task)
    offered = desk.send(task, placement_kind="struttura", _refresh="1").text
    assert home in offered
    assert offered.count('<option value="CS-') == 1
    walk.do(desk, "Trova un posto sicuro", placement_kind="struttura", shelter=home, placed_on="2026-09-03")

    desk = walk.at("2026-09-08 12:00", "carla")
    walk.do(desk, "Fai il colloquio", interview_on="2026-09-08", interview_mediator="si", family_risk="si")
    assert "T33" not in dates(walk)
    assert "Manda la relazione" not in walk.page("carla", "/inbox")

    desk = walk.at("2026-09-14 12:00", "carla")
    walk.do(desk, "Segui l'identificazione", identified_on="2026-09-14", identified_by="dichiarazione")
    assert "T30" not in dates(walk)

    desk = walk.at("2026-09-15 12:00", "carla")
    walk.do(
        desk, "Segui la nomina del tutore", guardian_on="2026-09-15", guardian_kind="volontario",
        guardian_name="Tutrice di prova",
    )  # fmt: skip
    walk.do(
        desk, "Chiedi di nuovo i consensi", purposes_asked=["colloquio", "contatto_famiglia"],
        purposes_agreed=["colloquio"], **(BOTH | {"consent_on": "2026-09-15"}),
    )  # fmt: skip
    with core.db.transaction() as db:
        assert consents.allowed(db, walk.case, "colloquio", "interno", date(2026, 9, 15))
        assert not consents.allowed(db, walk.case, "contatto_famiglia", "interno", date(2026, 9, 15))

    desk = walk.at("2026-09-18 12:00", "carla")
    walk.do(desk, "Prima i documenti", settled_on="2026-09-18", documents="nessuno", consulate="non_sentito")
    walk.do(desk, "Attendi la Procura minorile", order="equipe", order_on="2026-09-18")
    assert dates(walk)["T34"] == date(2026, 11, 17)

    protect(walk)
    assert dates(walk)["T01"] == date(2026, 11, 26)
    assert "giovedì 26 novembre 2026" in walk.page("carla", f"/cases/{walk.case}")

    desk = walk.at("2026-10-16 12:00", "carla")
    walk.do(desk, "Dopo la prima accoglienza", moved_on="2026-10-16", second_place="comunita_minori")
    assert "T31" not in dates(walk)

    desk = walk.at("2026-11-12 12:00", "carla")
    walk.do(desk, "Accompagna l'accertamento", assessed_on="2026-11-12", margin="1,5", estimate="16",
            assessment_informed="si")  # fmt: skip
    desk = walk.at("2026-11-24 12:00", "carla")
    walk.do(desk, "Attendi il decreto", decree_on="2026-11-24", decree_says="minore", born_on="2010-05-12")
    walk.do(desk, "C'è un reclamo?", complaint="si", complaint_on="2026-11-24", complaint_of="polizia")
    assert dates(walk)["T36"] == date(2026, 12, 4)
    with core.db.transaction() as db:
        minor = minors.get(db, walk.case)
        assert minor is not None
        assert (minor.margin, minor.suspended) == (1.5, True)
    assert "età in dubbio: come minore" in walk.page("carla", f"/cases/{walk.case}")

    grow_up(walk)


def protect(walk):
    """From 3 September to 12 October: risk, rights, indicators, and the Questore with the guardian's consent."""
    desk = walk.at("2026-10-05 09:00", "carla")
    walk.do(desk, "Valuta il rischio", risk_on="2026-10-05", risk_occasion="ingresso", risk_level="medio")
    walk.do(
        desk, "Spiega i diritti", information_on="2026-10-05", information_language="fr", leaflet_version="diritti-it-1",
        topic_reflection="true", topic_permit="true", topic_protection="true", topic_refusal="true", understood="si",
    )  # fmt: skip
    walk.do(desk, "Raccogli gli indicatori", indicators_on="2026-10-05", indicators_outcome="presunta",
            indicators=["debito_viaggio", "viaggio_controllato"])  # fmt: skip
    told = {"communication_basis": "consent", "measures_on": "2026-09-03", "communication_on": "2026-10-05",
            "communication_channel": "pec"}  # fmt: skip
    task = desk.task("Comunica al Questore")
    desk.get(task)
    for _ in range(3):
        desk.send(task, _refresh="1", **told, **(BOTH | {"consent_by": "person"}))
    reply = desk.send(task, **told, **(BOTH | {"consent_by": "person", "consent_assent": ""}), _refresh=[])
    assert reply.status_code == 422
    assert "acconsente il tutore" in reply.text
    walk.do(desk, "Comunica al Questore", **told, **BOTH)
    desk = walk.at("2026-10-12 12:00", "carla")
    walk.do(desk, "Attendi l'attestato", attestato_outcome="issued", attestato_on="2026-10-12", cui="05PROVA",
            number="MI-2026-0077")  # fmt: skip


def grow_up(walk):
    """December 2026 to May 2031: the programme, the permit, eighteen minus six months, and after."""
    desk = walk.at("2026-12-02 12:00", "carla")
    walk.do(desk, "Segui il reclamo", settled_on="2026-12-02", age_says="minore", born_on="2010-05-12")
    walk.do(
        desk, "Costruisci il programma insieme", programme_on="2026-12-02", partners=["comune", "ente", "avvocato"],
        heard="si", school="iscritta", non_punishment="chiesta",
    )  # fmt: skip
    walk.do(desk, "Chiedi il permesso", minor_permit_kind="minore_eta", permit_issued_on="2026-12-02")
    page = walk.page("carla", f"/cases/{walk.case}")
    assert "minorenne" in page
    assert "venerdì 12 maggio 2028" in page
    assert dates(walk)["T38p"] == date(2027, 11, 12)

    walk.time.at("2027-11-12 08:59")
    schedule.fire_timers()
    assert "Chiedi il prosieguo, se vuole" not in walk.page("carla", "/inbox")
    desk = walk.at("2027-11-12 09:01", "carla")
    schedule.fire_timers()
    walk.do(desk, "Chiedi il prosieguo, se vuole", prosieguo="chiesto", asked_on="2027-11-12")
    walk.do(desk, "Attendi il Tribunale", prosieguo_decree="concesso", prosieguo_decree_on="2027-11-12")
    assert dates(walk)["T38e"] == date(2031, 5, 12)

    desk = walk.at("2028-05-12 09:00", "carla")
    schedule.fire_timers()
    walk.do(desk, "Accompagna il passaggio", passage_on="2028-05-12", permit_at_18="art32", own_consents="true")
    assert dates(walk)["T37"] == date(2029, 5, 12)
    with core.db.transaction() as db:
        assert not consents.allowed(db, walk.case, "colloquio", "interno", date(2028, 5, 12))
        assert {each.receiver for each in permits.communications(db, walk.case)} == {"questore"}
        lines = db.scalars(select(Line).where(Line.case_code == walk.case))
        assert not [line.verb for line in lines if "2010-05-12" in str(line.facts) or "Tutrice" in str(line.facts)]
        assert log.verify(db) == []

    walk.time.at("2031-05-12 09:00")
    schedule.fire_timers()
    assert "Percorso finito" in walk.page("carla", f"/cases/{walk.case}")
