"""Out and in again: a folder for git, a zip of a pathway; nothing changes on the way."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.db import transaction
from core.errors import InvalidModel, NotYours
from core.log import Line
from engine import decisions, registry, schema
from tasks import exchange, formbook
from tests.engine.draw import draw, user

WORKFLOWS = Path(__file__).parents[2] / "workflows"


def lines() -> int:
    with transaction() as db:
        return db.scalar(select(func.count()).select_from(Line).where(Line.verb.like("%.published"))) or 0


def out(folder: Path) -> list[str]:
    with transaction() as db:
        return exchange.write(exchange.everything(db), folder)


def back(folder: Path, **more) -> list[str]:
    with transaction() as db:
        return exchange.publish(db, exchange.files_of([folder]), by=exchange.DEPLOY, **more)


def test_what_is_written_is_what_is_shipped_byte_for_byte(office, tmp_path):
    written = out(tmp_path)

    shipped = exchange.files_of([WORKFLOWS])
    assert sorted(written) == sorted(shipped)
    assert {path: (tmp_path / path).read_bytes() for path in written} == shipped


def test_writing_and_publishing_again_changes_nothing(office, tmp_path):
    out(tmp_path)
    before = lines()

    assert back(tmp_path) == []
    assert out(tmp_path) == []
    assert lines() == before


def test_a_change_in_the_folder_is_the_next_version_and_nothing_else(office, tmp_path):
    out(tmp_path)
    for path, old, new in [
        ("forms/identity.json", b'"label"', b' "label"'),
        ("dmn/risk.dmn", b"Livello di rischio", b"Livello del rischio"),
        ("bpmn/risk.bpmn", b"</bpmn:definitions>", b"\n</bpmn:definitions>"),
    ]:
        place = tmp_path / path
        assert old in place.read_bytes(), path
        place.write_bytes(place.read_bytes().replace(old, new, 1))

    assert back(tmp_path) == ["bpmn/risk.bpmn", "dmn/risk.dmn", "forms/identity.json"]
    with transaction() as db:
        found = registry.current(db, "risk"), decisions.current(db, "risk"), formbook.current(db, "identity")
        assert [each.version for each in found if each] == [2, 2, 2]
    assert back(tmp_path) == []


def test_a_folder_with_one_broken_file_publishes_nothing(office, tmp_path):
    out(tmp_path)
    (tmp_path / "forms" / "identity.json").write_bytes((tmp_path / "forms" / "identity.json").read_bytes() + b"\n")
    (tmp_path / "bpmn" / "new.bpmn").write_text("<definitions/>")
    before = lines()

    with pytest.raises(InvalidModel):
        back(tmp_path)
    assert lines() == before


def test_what_else_lies_in_the_folder_is_left_alone(office, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("nostro")
    out(tmp_path)

    assert (tmp_path / "README.md").read_text() == "nostro"
    assert back(tmp_path) == []


def test_a_new_edition_does_not_undo_what_the_office_changed(office, tmp_path):
    out(tmp_path)
    form = (tmp_path / "forms" / "identity.json").read_bytes()
    with transaction() as db:
        formbook.publish_form(db, form + b"\n", "identity", by="u_lucia")

    assert back(tmp_path, own=False) == []
    assert back(tmp_path) == ["forms/identity.json"]


def test_a_table_whose_file_was_left_by_one_of_its_decisions_is_not_put_back(office, tmp_path):
    one = (WORKFLOWS / "dmn" / "risk.dmn").read_bytes()
    second = one[one.index(b"<decision ") : one.index(b"</definitions>")].replace(b'id="', b'id="second_')
    both = one.replace(b"</definitions>", second + b"</definitions>")
    with transaction() as db:
        assert [each.decision_id for each in decisions.publish(db, both, by="u_lucia")] == ["risk", "second_risk"]
    with transaction() as db:
        decisions.publish(db, one, by="u_lucia")
    written = out(tmp_path)

    assert {"dmn/risk.dmn", "dmn/second_risk.dmn"} <= set(written)
    assert back(tmp_path) == []


def test_a_pathway_leaves_with_all_that_it_calls_and_uses(office):
    with transaction() as db:
        parts = exchange.pathway(db, "contact")
        made = exchange.zipped(parts)
        again = exchange.zipped(exchange.pathway(db, "contact"))
    archive = zipfile.ZipFile(io.BytesIO(made))
    manifest = json.loads(archive.read("manifest.json"))

    assert made == again
    assert {"bpmn/contact.bpmn", "dmn/triage.dmn", "dmn/routing.dmn", "forms/contact_pickup.json"} <= set(archive.namelist())
    assert "bpmn/asylum.bpmn" not in archive.namelist()
    assert [each["path"] for each in manifest["files"]] == archive.namelist()[1:]
    assert all(each["version"] == 1 and len(each["sha256"]) == 64 for each in manifest["files"])


def test_a_called_pathway_brings_its_own_tables_and_forms(office):
    inner = draw("s>a>e", user("a", form="identity", group="case_manager"), process="inner")
    outer = draw("s>c>e", '<callActivity id="c" name="c" calledElement="inner"/>', process="outer")
    with transaction() as db:
        for model in (inner, outer):
            registry.publish(db, model, by="deploy")
        paths = [part.path for part in exchange.pathway(db, "outer")]

    assert paths == ["bpmn/inner.bpmn", "bpmn/outer.bpmn", "forms/identity.json"]


def test_an_unknown_pathway_does_not_exist(office):
    with pytest.raises(NotYours), transaction() as db:
        exchange.pathway(db, "nowhere")


def test_everything_that_is_written_follows_the_official_schemas(office):
    with transaction() as db:
        wrong = {part.path: schema.check(part.data) for part in exchange.everything(db) if not part.path.endswith("json")}

    assert {path: found for path, found in wrong.items() if found} == {}
