"""What the coordination reads of a reminder: by which letter it left, also if that of its own morning did not."""

from dataclasses import replace

from core.db import transaction
from notifications import notices
from tasks import news, promises, schedule
from tests.postbox import free_port
from tests.tasks.conftest import Office
from tests.tasks.test_schedule import config, postbox  # noqa: F401 - fixtures

KIND = "mentioned"  # told by nothing else here
RISK = {"risk_on": "2026-08-19", "risk_occasion": "ingresso", "risk_level": "basso"}


def letters(office: Office, about: str) -> list[tuple[str, str, str]]:
    """Who was told of it, by the digest of which day, and what became of that."""
    with transaction() as db:
        found = promises.told(db, about)
        mails = [(one.who.split()[0], one.mail) for one in found if one.mail and one.notice.kind == KIND]
        return [(who, mail.key[-len("08-19") :], mail.status) for who, mail in mails]


def test_a_reminder_whose_digest_did_not_leave_was_sent_by_the_next_one_that_left_while_it_was_news(
    office, config, postbox  # noqa: F811
):  # fmt: skip
    code = office.sheltered()
    office.sheltered()  # somebody else's, so that there is always something to do
    done = f"task:{office.task(code, 'risk_assessment').id}"
    about = "deadline:any"
    office.time.at("2026-08-18 09:00")
    schedule.remind()
    with transaction() as db:
        for login in ("elena", "fabio"):
            for row in (done, about):
                news.tell(db, f"{row}-{login}", office.user_id(login), KIND, about=row, by="clock")
    office.time.at("2026-08-19 07:30")
    schedule.remind()
    schedule.send_mail(replace(config, smtp_port=free_port()))
    assert letters(office, about) == [("Elena", "08-19", "queued"), ("Fabio", "08-19", "queued")]
    office.do("elena", code, "risk_assessment", **RISK)
    with transaction() as db:
        notices.mark_seen(db, office.user_id("fabio"), by=office.user_id("fabio"))
    office.time.at("2026-08-20 07:30")
    schedule.remind()
    for _ in range(3):
        schedule.send_mail(config)
        office.time.forward(hours=1)
    office.time.at("2026-08-21 07:30")
    schedule.remind()
    schedule.send_mail(config)

    assert letters(office, about) == [("Elena", "08-20", "sent"), ("Fabio", "08-19", "unneeded")]
    assert letters(office, done) == [("Elena", "08-19", "unneeded"), ("Fabio", "08-19", "unneeded")]
