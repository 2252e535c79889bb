"""A referral as its sender reads it: sent, seen, late, answered, done, each with its day."""

from tests.web.walk import Walk

SEND = {"body_kind": "consultorio", "send_outcome": "sent", "urgency": "alta", "sent_on": "2026-08-11",
        "answer_by": "2026-08-14", "consent_by": "person", "consent_on": "2026-08-11", "consent_way": "scritto",
        "body": "Consultorio di prova"}  # fmt: skip


def send(walk: Walk) -> None:
    desk = walk.desk("carla")
    desk.get(f"/cases/{walk.case}")
    desk.send(f"/cases/{walk.case}/pathways/referral")
    walk.do(desk, "Prepara e manda l'invio", **SEND)


def answer(walk: Walk, at: str, outcome: str, **more: str) -> None:
    day = at.partition(" ")[0]
    walk.do(walk.at(at, "carla"), "Segui la risposta", follow_outcome=outcome, follow_on=day, **more)


def read(walk: Walk, status: str = "open") -> tuple[str, str]:
    """The list of referrals, and their block on the page of the case."""
    case = walk.page("carla", f"/cases/{walk.case}").partition(" Invii RF-")[2].partition(" Schede ")[0]
    return walk.page("carla", f"/referrals?status={status}"), case


def test_a_referral_that_nobody_has_seen_says_so_and_until_when_one_waits(placed):
    send(placed)

    for page in read(placed):
        assert "mandato 11 ago 2026 · non ancora visto" in page
        assert "tra 3 giorni risposta attesa: 14 ago 2026" in page
        assert "In ritardo" not in page


def test_the_day_on_which_it_was_seen_is_told_to_the_sender(placed):
    send(placed)
    answer(placed, "2026-08-12 10:00", "seen", answer_by="2026-08-20")

    for page in read(placed):
        assert "mandato 11 ago 2026 · visto 12 ago 2026" in page
        assert "non ancora visto" not in page


def test_a_late_answer_stands_out_in_the_list_and_on_the_case(placed):
    send(placed)
    placed.at("2026-08-15 09:00", "carla")

    for page in read(placed):
        assert "In ritardo mandato 11 ago 2026 · non ancora visto" in page
        assert "scaduta ieri" in page


def test_an_answer_and_the_end_are_told_with_their_days(placed):
    send(placed)
    answer(placed, "2026-08-12 10:00", "accepted")
    for page in read(placed):
        assert "risposta 12 ago 2026" in page

    placed.do(placed.at("2026-08-13 10:00", "carla"), "Verifica com'è andata", done_on="2026-08-13", done_outcome="accolto")
    assert "RF-" not in read(placed)[0]
    over = "risposta 12 ago 2026 · concluso 13 ago 2026"
    assert over in read(placed, "all")[0]
    assert over in placed.page("carla", f"/cases/{placed.case}").partition("Invii conclusi (1)")[2]
