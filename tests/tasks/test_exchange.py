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
from tests.engine.dmn_files import Column, Table, file
from tests.engine.draw import draw, user

WORKFLOWS = Path(__file__).parents[2] / "workflows"


def lines() -> int:
    with transaction() as db:
        return db.scalar(select(func.count()).select_from(Line).where(Line.verb.like("%.published"))) or 0


def shipped(files: dict[str, bytes]) -> list[str]:
    with transaction() as db:
        return exchange.publish(db, files, by=exchange.DEPLOY)


def test_what_is_in_force_is_what_is_shipped_byte_for_byte(office):
    with transaction() as db:
        assert {part.path: part.data for part in exchange.everything(db)} == exchange.files_of([WORKFLOWS])


def test_a_new_edition_is_published_but_does_not_undo_what_the_office_changed(office):
    before = lines()
    files = exchange.files_of([WORKFLOWS])
    assert shipped(files) == []
    assert lines() == before
    form = files["forms/identity.json"]
    with transaction() as db:
        formbook.publish_form(db, form + b"\n", "identity", by="u_lucia")
    changed = {
        "forms/identity.json": form,
        "forms/adhesion.json": files["forms/adhesion.json"] + b"\n",
        "dmn/risk.dmn": files["dmn/risk.dmn"].replace(b"Livello di rischio", b"Livello del rischio", 1),
        "bpmn/risk.bpmn": files["bpmn/risk.bpmn"].replace(b"</bpmn:definitions>", b"\n</bpmn:definitions>"),
    }

    assert shipped(changed) == ["bpmn/risk.bpmn", "dmn/risk.dmn", "forms/adhesion.json"]
    with transaction() as db:
        found = registry.current(db, "risk"), decisions.current(db, "risk"), formbook.current(db, "adhesion")
        assert [each.version for each in found if each] == [2, 2, 2]
    with pytest.raises(InvalidModel):
        shipped({**changed, "dmn/risk.dmn": files["dmn/risk.dmn"] + b"\n", "bpmn/new.bpmn": b"<definitions/>"})


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


def test_an_older_file_never_puts_back_a_decision_that_has_a_file_of_its_own(office):
    columns = [Column("age", "number")], [Column("fee", "number")]
    old = file(Table(*columns, ["- | 1"], id="b_fee"), Table(*columns, ["- | 2"], id="a_fee"))
    new = file(Table(*columns, ["- | 3"], id="a_fee"))
    with transaction() as db:
        exchange.publish(db, {"dmn/b_fee.dmn": old, "dmn/a_fee.dmn": new}, by="deploy")
    with transaction() as db:
        assert [decisions.decide(db, name, {"age": 3}) for name in ("a_fee", "b_fee")] == [3, 1]
        written = {part.path: part.data for part in exchange.everything(db)}
        assert (written["dmn/a_fee.dmn"], written["dmn/b_fee.dmn"]) == (new, old)
