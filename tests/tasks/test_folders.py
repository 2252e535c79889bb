"""A folder that a git repository keeps in step: out with its versions, in again for a second person to confirm (A56)."""

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from core import log, users
from core.db import transaction
from core.errors import BadInput, InvalidForm
from core.users import Membership
from engine import decisions, drafts, registry
from engine.drafts import DECISION, FORM, PROCESS
from notifications.notices import Notice
from tasks import exchange, folders, formbook, workshop
from tasks.folders import BEHIND, NOT_CONFIRMED, PROPOSED, PUBLISHED, WAITS, NotAll
from tests.engine.draw import draw, user

WORKFLOWS = Path(__file__).parents[2] / "workflows"
CHANGES = [
    ("forms/identity.json", b'"label"', b' "label"'),
    ("dmn/risk.dmn", b"Livello di rischio", b"Livello del rischio"),
    ("bpmn/risk.bpmn", b"</bpmn:definitions>", b"\n</bpmn:definitions>"),
]


@pytest.fixture
def folder(office, tmp_path: Path) -> Path:
    """What is in force, beside the files of a repository."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("nostro")
    out(tmp_path)
    return tmp_path


def out(folder: Path, *, over: bool = False) -> list[str]:
    with transaction() as db:
        return folders.write(exchange.everything(db), folder, over=over)


def back(folder: Path, by: str | None = "paola", **more: str) -> dict[str, str]:
    with transaction() as db:
        told = folders.bases([folder])
        return {each.path: each.state for each in folders.bring(db, exchange.files_of([folder]), told, by=by, **more)}


def refused(folder: Path, **more: str) -> dict[str, str]:
    """What is said of each file that was not taken; nothing was kept."""
    before = kept()
    with pytest.raises(NotAll) as problem:
        back(folder, **more)
    assert kept() == before
    return {path: str(one) for path, one in problem.value.problems}


def kept() -> tuple[int, int]:
    """How much was ever written of models."""
    with transaction() as db:
        verbs = log.Line.verb.like("%.published"), log.Line.verb.like("draft.%")
        one, other = (db.scalar(select(func.count()).select_from(log.Line).where(verb)) or 0 for verb in verbs)
        return one, other


def edit(folder: Path, path: str, old: bytes, new: bytes) -> None:
    place = folder / path
    assert old in place.read_bytes(), path
    place.write_bytes(place.read_bytes().replace(old, new, 1))


def confirm(kind: str, key: str) -> None:
    with transaction() as db:
        draft = drafts.get(db, kind, key)
        workshop.approve(db, kind, key, draft.revision, workshop.before(db, draft).sha, by="u_olga")


def test_what_is_written_says_its_versions_and_coming_back_changes_nothing(folder):
    shipped = exchange.files_of([WORKFLOWS])
    assert exchange.files_of([folder]) == shipped
    manifest = (folder / "manifest.json").read_bytes()
    told = json.loads(manifest)["files"]
    assert [each["path"] for each in told] == sorted(shipped)
    assert all(each["version"] == 1 and len(each["sha256"]) == 64 for each in told)
    before = kept()

    assert back(folder) == {}
    assert out(folder) == []
    assert (folder / "manifest.json").read_bytes() == manifest
    assert (folder / "README.md").read_text() == "nostro"
    assert kept() == before


def test_line_ends_that_git_gives_on_windows_change_nothing_and_are_not_proposed(folder):
    for file in folder.glob("*/*.*"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert back(folder) == {}
    assert out(folder) == []

    path, old, new = CHANGES[1]
    edit(folder, path, old, new)
    assert back(folder) == {path: PROPOSED}
    with transaction() as db:
        assert b"\r" not in (drafts.get(db, DECISION, "risk").content or b"")
    confirm(DECISION, "risk")
    assert back(folder) == {}


def test_a_folder_that_is_called_like_a_file_is_none(folder):
    (folder / "bpmn" / "old.bpmn").mkdir()

    assert back(folder) == {}


def test_what_changed_is_proposed_and_a_second_coordinator_puts_it_in_force(folder):
    for path, old, new in CHANGES:
        edit(folder, path, old, new)
    assert back(folder, reason="Le parole della rete") == dict.fromkeys((path for path, _, _ in CHANGES), PROPOSED)
    keys = (PROCESS, "risk"), (DECISION, "risk"), (FORM, "identity")
    with transaction() as db:
        paola = users.by_login(db, "paola")
        assert paola
        found = [drafts.get(db, *key) for key in keys]
        for draft in found:
            assert (draft.author, draft.authors, draft.proposed_by) == (paola.id, [paola.id], paola.id)
            assert (draft.reason, draft.base_version) == ("Dalla cartella: Le parole della rete", 1)
            assert not drafts.may_confirm(draft, paola.id)
        assert registry.current(db, "risk").version == 1
        assert db.scalar(select(func.count()).select_from(Notice).where(Notice.kind == "draft_in_your_name")) == 3
        line = next(each for each in log.lines(db, stream="model:risk") if each.verb == "draft.brought")
        assert line.actor == "cli"
    before = kept()
    assert back(folder) == {}
    assert kept() == before
    for key in keys:
        confirm(*key)

    with transaction() as db:
        now = registry.current(db, "risk"), decisions.current(db, "risk"), formbook.current(db, "identity")
        assert [(each.version, each.written_by, each.published_by) for each in now if each] == [(2, paola.id, "u_olga")] * 3
    assert back(folder) == {}
    assert out(folder) == ["manifest.json"]
    edit(folder, "forms/identity.json", b' "label"', b'"label"')
    assert back(folder) == {"forms/identity.json": PROPOSED}


def test_a_file_whose_version_is_no_longer_in_force_is_refused_with_both_versions_and_so_are_all(folder):
    for path, old, new in CHANGES:
        edit(folder, path, old, new)
    with transaction() as db:
        form = exchange.form_file(db, "identity").data
        formbook.publish_form(db, form + b"\n", "identity", by="u_lucia")
        decisions.publish(db, exchange.table_file(db, "triage").data + b"\n", by="u_lucia")

    said = refused(folder)
    assert list(said) == ["forms/identity.json"]
    assert "viene dalla versione 1, ma nel frattempo è in vigore la versione 2" in said["forms/identity.json"]
    with pytest.raises(NotAll, match="Niente è stato fatto"):
        out(folder)
    mine = (folder / "forms/identity.json").read_bytes()
    (folder / "forms/identity.json").write_bytes(form)
    assert back(folder) == {
        "bpmn/risk.bpmn": PROPOSED, "dmn/risk.dmn": PROPOSED, "dmn/triage.dmn": BEHIND, "forms/identity.json": BEHIND,
    }  # fmt: skip
    assert "forms/identity.json" in out(folder, over=True)
    (folder / "forms/identity.json").write_bytes(mine)
    assert back(folder) == {"forms/identity.json": PROPOSED}


def test_a_folder_that_does_not_say_its_versions_is_refused_where_something_is_in_force(folder):
    edit(folder, *CHANGES[0])
    (folder / "manifest.json").unlink()
    assert "non dice da quale versione viene" in refused(folder)["forms/identity.json"]
    for broken in (b"<<<<<<< HEAD", b"[]", b'{"files": [{"path": 1}]}'):
        (folder / "manifest.json").write_bytes(broken)
        with pytest.raises(BadInput, match=r"manifest\.json non si legge"):
            back(folder)


def test_an_edit_in_the_folder_is_not_written_over_unasked(folder):
    edit(folder, *CHANGES[0])
    mine = (folder / "forms/identity.json").read_bytes()

    with pytest.raises(NotAll) as problem:
        out(folder)
    assert [path for path, _ in problem.value.problems] == ["forms/identity.json"]
    assert (folder / "forms/identity.json").read_bytes() == mine
    assert out(folder, over=True) == ["forms/identity.json"]


@pytest.mark.parametrize(("by", "sentence"), [(None, "--by"), ("nessuno", "non è una persona del"), ("elena", "non è una")])
def test_only_a_coordinator_proposes(folder, by, sentence):
    edit(folder, *CHANGES[0])
    with pytest.raises(BadInput, match=sentence):
        back(folder, by=by)


def test_a_draft_of_somebody_else_stays_and_ones_own_is_gone_on_with(folder):
    edit(folder, *CHANGES[0])
    with pytest.raises(InvalidForm), transaction() as db:
        folders.bring(db, exchange.files_of([folder]), folders.bases([folder]), reason="x" * 500, by="paola")
    with transaction() as db:
        anna, paola = users.by_login(db, "anna"), users.by_login(db, "paola")
        assert anna
        assert paola
        data = exchange.form_file(db, "identity").data
        drafts.save(db, FORM, "identity", data + b"\n", 0, base_version=1, by=anna.id)
    assert "c'è già una bozza di Anna Prova" in refused(folder)["forms/identity.json"]
    with transaction() as db:
        draft = drafts.get(db, FORM, "identity")
        assert draft.content == data + b"\n"
        drafts.discard(db, draft, by=anna.id)
        drafts.save(db, FORM, "identity", data + b"\n\n", draft.revision, base_version=1, by=paola.id)

    assert back(folder) == {"forms/identity.json": PROPOSED}
    with transaction() as db:
        assert [each.why for each in drafts.copies(db, FORM, "identity")].count(drafts.REPLACED) == 1


def test_what_was_not_confirmed_is_not_proposed_again_by_the_same_folder(folder):
    edit(folder, *CHANGES[0])
    back(folder)
    with transaction() as db:
        drafts.refuse(db, drafts.get(db, FORM, "identity"), "Manca la parte in inglese", by="u_olga")

    assert back(folder) == {"forms/identity.json": NOT_CONFIRMED}
    with transaction() as db:
        assert drafts.get(db, FORM, "identity").refusal == "Manca la parte in inglese"
    with pytest.raises(BadInput, match="nessun modello"), transaction() as db:
        folders.bring(db, exchange.files_of([folder / "bpmn"]), {}, by="paola")


def test_a_new_pathway_with_its_form_waits_for_the_form_and_one_wrong_file_stops_all(folder):
    form = (folder / "forms/identity.json").read_bytes()
    (folder / "forms/fresh.json").write_bytes(form.replace(b'"id": "identity"', b'"id": "fresh"'))
    model = draw("s>a>e", user("a", form="fresh", group="case_manager"), process="fresh", name="Nuovo")
    (folder / "bpmn/fresh.bpmn").write_bytes(model)
    (folder / "bpmn/again.bpmn").write_bytes(model + b"\n")
    assert "«fresh» come bpmn/again.bpmn" in refused(folder)["bpmn/fresh.bpmn"]
    (folder / "bpmn/again.bpmn").write_bytes(draw("s>a>e", user("a", form="nowhere", group="case_manager"), process="again"))
    (folder / "bpmn/none.bpmn").write_bytes(b"<definitions/>")
    (folder / "dmn/none.dmn").write_bytes(b"<!DOCTYPE x><x/>")
    assert set(refused(folder)) == {"bpmn/none.bpmn", "dmn/none.dmn"}
    (folder / "bpmn/none.bpmn").unlink()
    (folder / "dmn/none.dmn").unlink()
    assert set(refused(folder)) == {"bpmn/again.bpmn"}
    (folder / "bpmn/again.bpmn").unlink()

    assert back(folder) == {"bpmn/fresh.bpmn": WAITS, "forms/fresh.json": PROPOSED}
    confirm(FORM, "fresh")
    assert back(folder) == {"bpmn/fresh.bpmn": PROPOSED}
    confirm(PROCESS, "fresh")
    assert set(out(folder)) == {"manifest.json"}


def test_only_while_an_office_is_set_up_what_is_new_is_published_at_once(folder):
    model = draw("s>a>e", user("a", form="identity", group="case_manager"), process="fresh", name="Nuovo")
    (folder / "bpmn/fresh.bpmn").write_bytes(model)
    edit(folder, *CHANGES[0])
    with transaction() as db:
        db.execute(delete(Membership).where(Membership.role == "coordinator"))
    with pytest.raises(BadInput, match="--by"):
        back(folder, by=None)
    with transaction() as db:
        assert not registry.versions(db, "fresh")
    with transaction() as db:  # a form that is shipped and was never published here is not in force in this sense
        db.execute(delete(formbook.FormVersion).where(formbook.FormVersion.name == "identity"))

    assert back(folder, by=None) == {"bpmn/fresh.bpmn": PUBLISHED, "forms/identity.json": PUBLISHED}
    with transaction() as db:
        assert registry.current(db, "fresh").published_by == exchange.DEPLOY


def test_a_table_whose_file_was_left_by_one_of_its_decisions_is_not_put_back(folder):
    one = (WORKFLOWS / "dmn" / "risk.dmn").read_bytes()
    second = one[one.index(b"<decision ") : one.index(b"</definitions>")].replace(b'id="', b'id="second_')
    both = one.replace(b"</definitions>", second + b"</definitions>")
    with transaction() as db:
        assert [each.decision_id for each in decisions.publish(db, both, by="u_lucia")] == ["risk", "second_risk"]
    with transaction() as db:
        decisions.publish(db, one, by="u_lucia")
    written = out(folder)

    assert "dmn/second_risk.dmn" in written
    assert back(folder) == {}
    edit(folder, "dmn/second_risk.dmn", b"Livello di rischio", b"Livello del rischio")
    assert "è in vigore la versione 3" in refused(folder)["dmn/second_risk.dmn"]
