"""Drafts: saved on the revision that was read, nothing lost, proposed by one and confirmed by another."""

from datetime import timedelta

import pytest
from sqlalchemy import event

import core.db
from core import clock, log, users
from core.errors import InvalidForm, NotYours, WrongOrder
from engine import drafts
from engine.lint_drawing import BPMN
from engine.xml import XmlError

REASON = "Un passo in più prima della chiusura"


@pytest.fixture
def anna(db) -> str:
    return users.add(db, "anna", "Anna Conti", "anna@example.org", by="test").id


def drawn(name: str = "Uno") -> bytes:
    return f'<definitions xmlns="{BPMN}"><process id="one" name="{name}"/></definitions>'.encode()


def save(db, content, revision=0, *, by, base=1):
    return drafts.save(db, "process", "one", content, revision, base_version=base, by=by)


def test_a_draft_begins_with_the_first_save_and_counts_its_revisions(db, anna):
    first = save(db, drawn(), by=anna)
    assert (first.revision, first.base_version, first.author) == (1, 1, anna)

    second = save(db, drawn("Due"), 1, by=anna)
    assert second.revision == 2
    assert drafts.get(db, "process", "one").content == drawn("Due")


def test_a_draft_goes_on_in_one_statement_unless_something_stands_in_the_way(db, database, anna):
    draft = drafts.propose(db, save(db, drawn(), by=anna), REASON, None, by=anna)
    statements: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *call: statements.append(call[2]))
    made = drafts.go_on(db, "process", "one", drawn("Due"), draft.revision, by=anna)

    assert len(statements) == 1
    assert made is draft
    assert (made.revision, made.author, made.content, made.proposed_by) == (3, anna, drawn("Due"), None)
    assert drafts.go_on(db, "process", "one", drawn("Tre"), 3, by="u_other") is None  # a second author is written down
    for key, content, revision in (("one", drawn("Tre"), 2), ("one", drawn("Due"), 3), ("none", drawn(), 0)):
        assert drafts.go_on(db, "process", key, content, revision, by=anna) is None
    with pytest.raises(drafts.Unusable):
        drafts.go_on(db, "process", "one", b"<a/>", 3, by=anna)


def test_who_wrote_a_kept_version_cannot_confirm_it_when_the_last_author_saves_the_very_same(db, anna):
    save(db, drawn(), by="u_other")
    drafts.keep_copy(db, "process", "one", drawn("Di Anna"), 1, by=anna)
    assert drafts.go_on(db, "process", "one", drawn("Di Anna"), 1, by="u_other") is None

    made = save(db, drawn("Di Anna"), 1, by="u_other")
    assert made.authors == sorted([anna, "u_other"])
    assert not drafts.may_confirm(made, anna)


def test_the_same_content_again_changes_nothing(db, anna):
    save(db, drawn(), by=anna)
    assert save(db, drawn(), 1, by=anna).revision == 1


def test_who_saves_on_an_old_revision_is_told_by_whom_and_nothing_is_changed(db, anna, time):
    save(db, drawn(), by=anna)
    with pytest.raises(drafts.Outdated) as told:
        save(db, drawn("Tre"), 0, by="u_other")

    assert told.value.params["who"] == "Anna Conti"
    assert told.value.details == {"author": anna, "saved_at": clock.iso(clock.now()), "revision": 1}
    assert drafts.get(db, "process", "one").content == drawn()


def test_what_came_too_late_is_kept_once_for_each_person_and_revision(db, anna):
    save(db, drawn(), by=anna)
    for name in ("Tre", "Quattro"):
        drafts.keep_copy(db, "process", "one", drawn(name), 0, by="u_other")

    (copy,) = drafts.copies(db, "process", "one")
    assert (copy.content, copy.author, copy.why) == (drawn("Quattro"), "u_other", "conflict")
    drafts.remove_copy(db, copy, by="u_other")
    assert drafts.copies(db, "process", "one") == []


def test_a_discarded_draft_stays_for_ninety_days_and_its_revisions_never_begin_again(db, anna, time):
    draft = save(db, drawn(), by=anna)
    drafts.discard(db, draft, by="u_other")

    assert drafts.find(db, "process", "one") is None
    with pytest.raises(drafts.Outdated):  # a page that was open on the discarded one
        save(db, drawn("Tre"), 1, by=anna)
    assert save(db, drawn("Tre"), 2, by=anna, base=4).base_version == 4
    assert [copy.content for copy in drafts.copies(db, "process", "one")] == [drawn()]
    time.forward(days=91)
    assert drafts.sweep(db) == 1


def test_who_wrote_or_proposed_it_cannot_confirm_it(db, anna):
    save(db, drawn(), by=anna)
    drafts.propose(db, drafts.get(db, "process", "one"), REASON, None, by="u_other")
    for by in (anna, "u_other"):
        with pytest.raises(WrongOrder):
            drafts.confirm(db, drafts.get(db, "process", "one"), by=by)

    confirmed = drafts.confirm(db, drafts.get(db, "process", "one"), by="u_third")
    assert (confirmed.author, confirmed.proposed_by, confirmed.content) == (anna, "u_other", drawn())
    assert drafts.find(db, "process", "one") is None


def test_a_change_takes_the_proposal_back(db, anna):
    save(db, drawn(), by=anna)
    draft = drafts.propose(db, drafts.get(db, "process", "one"), REASON, None, by=anna)
    save(db, drawn("Due"), draft.revision, by=anna)

    with pytest.raises(WrongOrder):
        drafts.confirm(db, drafts.get(db, "process", "one"), by="u_other")


def test_a_refused_proposal_says_why_and_can_be_written_on(db, anna):
    save(db, drawn(), by=anna)
    drafts.propose(db, drafts.get(db, "process", "one"), REASON, None, by=anna)
    with pytest.raises(InvalidForm):
        drafts.refuse(db, drafts.get(db, "process", "one"), "no", by="u_other")
    draft = drafts.refuse(db, drafts.get(db, "process", "one"), "Manca la scadenza", by="u_other")

    assert (draft.refusal, draft.proposed_by) == ("Manca la scadenza", None)
    assert [line.verb for line in log.lines(db, stream="model:one")] == []  # written at the commit


def test_a_proposal_needs_a_reason_and_a_day_to_come(db, anna, time):
    draft = save(db, drawn(), by=anna)
    with pytest.raises(InvalidForm) as told:
        drafts.propose(db, draft, "così", clock.now() - timedelta(days=1), by=anna)

    assert set(told.value.errors) == {"reason", "in_force_on"}


def test_every_change_is_one_line_in_the_log(database):
    with core.db.transaction() as db:
        draft = save(db, drawn(), by="u_anna")
        drafts.propose(db, draft, REASON, None, by="u_anna")
    with core.db.transaction() as db:
        drafts.confirm(db, drafts.get(db, "process", "one"), by="u_other")

    with core.db.transaction() as db:
        lines = log.lines(db, stream="model:one")
        assert [line.verb for line in lines] == ["draft.confirmed", "draft.proposed", "draft.saved"]
        assert lines[0].facts == {"revision": 3, "author": "u_anna", "authors": ["u_anna"], "proposer": "u_anna"}


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        ("process", b"<a/>", drafts.Unusable),
        ("process", b"<!DOCTYPE a><a/>", XmlError),
        ("decision", drawn(), drafts.Unusable),
        ("form", b"[1]", drafts.Unusable),
        ("form", b"[" * 100_000, drafts.Unusable),
        ("process", b"<a>" + b"x" * 2_000_000 + b"</a>", drafts.TooLarge),
    ],
)
def test_what_is_no_file_of_its_kind_is_refused(db, kind, content, problem):
    with pytest.raises(problem):
        drafts.save(db, kind, "one", content, 0, base_version=None, by="u_anna")
    with pytest.raises(NotYours):
        drafts.get(db, kind, "one")


def test_a_kept_version_becomes_the_draft_and_the_present_one_is_kept_instead(db, anna):
    save(db, drawn(), by=anna)
    late = drafts.keep_copy(db, "process", "one", drawn("Tre"), 0, by="u_other")
    draft = drafts.take_up(db, drafts.find(db, "process", "one"), late, base_version=1, by="u_other")

    assert (draft.content, draft.revision, draft.author) == (drawn("Tre"), 2, "u_other")
    (copy,) = drafts.copies(db, "process", "one")
    assert (copy.content, copy.author, copy.why) == (drawn(), anna, "replaced")
