"""Forms in versions: what is in force is asked, what was filed is read with the questions of its time."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from cases import sheets
from cases.sheets import Sheet
from core import clock, log
from core.db import transaction
from core.errors import InvalidForm, InvalidModel, WrongOrder
from tasks import formbook, forms, inbox
from tasks.forms import Paper

FORM = "risk_assessment"
RISK = {"risk_on": "2026-08-11", "risk_occasion": "ingresso", "risk_level": "basso", "safety_plan": "x"}


def changed(name: str = FORM, **labels: str) -> bytes:
    """The shipped form with other labels; `extra` is one more question that must be answered."""
    schema = json.loads((forms.FOLDER / f"{name}.json").read_bytes())
    extra = labels.pop("extra", "")
    for part in schema["components"]:
        part["label"] = labels.get(part.get("key", ""), part.get("label", ""))
    if extra:
        properties = {"label_en": extra, "class": "P3"}
        asked = {"type": "textfield", "key": "extra", "label": extra, "validate": {"required": True}}
        schema["components"].append(asked | {"properties": properties})
    return json.dumps(schema).encode()


def publish(content: bytes, name: str = FORM, **more) -> formbook.FormVersion:
    with transaction() as db:
        return formbook.publish_form(db, content, name, by="u_lucia", **more)


def keys(form) -> set[str]:
    return {part.key for part in form.fields}


def test_everything_shipped_is_published_once_as_version_one(office):
    with transaction() as db:
        found = {name: formbook.current(db, name) for name in forms.known()}
        lines = log.lines(db, stream=f"form:{FORM}")

    assert {version.version for version in found.values() if version} == {1}
    assert [(line.verb, line.actor) for line in lines] == [("form.published", "deploy")]


def test_a_new_version_is_numbered_and_in_the_log_with_its_fingerprint(office):
    made = publish(changed(extra="Altro"))

    with transaction() as db:
        line = log.lines(db, stream=f"form:{FORM}")[0]
        assert [each.version for each in formbook.versions(db, FORM)] == [2, 1]
        assert (line.actor, line.facts) == ("u_lucia", {"version": 2, "sha": made.sha})
        assert formbook.read(db, FORM).version == made.sha[:12]


def test_the_same_content_is_not_published_twice(office):
    publish(changed(extra="Altro"))
    publish(changed(extra="Altro"))

    with transaction() as db:
        assert [each.version for each in formbook.versions(db, FORM)] == [2, 1]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"{", FORM, "non è scritto in JSON"),
        (b'{"type": "default", "components": [{"type": "html"}]}', FORM, "«html» non è ammesso"),
        (b'{"type": "default", "components": []}', "../etc", "una sola parola minuscola"),
        (b" " * 2_000_001, FORM, "troppo grande"),
    ],
)
def test_what_breaks_a_rule_is_not_published(office, content, name, sentence):
    with pytest.raises(InvalidModel) as refused:
        publish(content, name)

    assert sentence in str(getattr(refused.value.findings[0], "text", ""))


def test_a_running_task_asks_the_questions_in_force(office):
    task, elena = office.task(office.sheltered(), FORM), office.actor("elena")
    publish(changed(extra="Che cosa la tranquillizza?"))

    with pytest.raises(InvalidForm) as refused, transaction() as db:
        inbox.complete(db, elena, task.id, Paper(RISK))
    assert set(refused.value.errors) == {"extra"}
    with transaction() as db:
        inbox.complete(db, elena, task.id, Paper(RISK | {"extra": "La sorella"}))


def test_a_sheet_is_read_with_the_questions_it_answered(office):
    code = office.sheltered()
    office.do("elena", code, FORM, **RISK)
    publish(changed(extra="Altro", risk_on="Giorno della valutazione, parola nuova"))

    with transaction() as db:
        sheet = db.scalars(select(Sheet).where(Sheet.form == FORM)).one()
        old = formbook.as_filed(db, FORM, sheet.schema_version)
        now = formbook.read(db, FORM)
        said = dict(forms.display(old, sheets.answers(sheet, {}), "it"))
    assert "extra" not in keys(old)
    assert "extra" in keys(now)
    assert "Giorno della valutazione, parola nuova" not in said


def test_a_sheet_of_a_version_that_nobody_knows_is_read_with_what_is_in_force(office):
    publish(changed(extra="Altro"))

    with transaction() as db:
        assert "extra" in keys(formbook.as_filed(db, FORM, "0123456789ab"))
        assert "extra" in keys(formbook.as_filed(db, FORM, "1"))


def test_a_version_may_begin_on_a_day(office):
    publish(changed(extra="Altro"), in_force_from=clock.now() + timedelta(days=3))

    with transaction() as db:
        assert "extra" not in keys(formbook.read(db, FORM))
        later = formbook.current(db, FORM, at=clock.now() + timedelta(days=4))
        assert later is not None
        assert later.version == 2
    publish(changed(risk_on="Quando"))
    office.time.forward(days=3)
    with transaction() as db:  # as of models and tables: what was scheduled takes over whatever was published since
        assert "extra" in keys(formbook.read(db, FORM))
        assert [each.version for each in formbook.versions(db, FORM)] == [3, 2, 1]


def test_the_questions_of_before_may_come_back_after_a_version_to_come(office):
    with transaction() as db:
        now = formbook.current(db, FORM)
        assert now is not None
        before = now.content
    soon, later = (clock.now() + timedelta(days=days) for days in (3, 5))
    publish(changed(extra="Altro"), in_force_from=soon)

    assert publish(changed(extra="Altro"), in_force_from=later).version == 2
    assert publish(before).version == 1
    assert publish(before, in_force_from=later).version == 3
    office.time.forward(days=4)
    with transaction() as db:
        assert "extra" in keys(formbook.read(db, FORM))
    office.time.forward(days=2)
    with transaction() as db:
        assert "extra" not in keys(formbook.read(db, FORM))


def test_a_version_to_come_can_be_taken_back_and_is_no_name_for_a_model(office):
    soon = clock.now() + timedelta(days=3)
    known, new = publish(changed(extra="Altro"), in_force_from=soon), publish(changed(), "risk_later", in_force_from=soon)
    with transaction() as db:
        assert "risk_later" not in formbook.known(db)
        for made in (known, new):
            formbook.withdraw(db, db.merge(made), by="u_olga")
    office.time.forward(days=4)

    with transaction() as db:
        assert (now := formbook.current(db, FORM))
        assert now.version == 1
        assert formbook.current(db, "risk_later") is None
        assert "extra" not in keys(formbook.read(db, FORM))
        assert log.lines(db, stream=f"form:{FORM}")[0].verb == "form.withdrawn"
        for made in formbook.versions(db, FORM):
            with pytest.raises(WrongOrder):
                formbook.withdraw(db, made, by="u_olga")


def test_what_was_taken_back_is_in_force_nowhere(office):
    with pytest.raises(ZeroDivisionError), transaction() as db:
        formbook.publish_form(db, changed(extra="Altro"), FORM, by="u_lucia")
        assert "extra" in keys(formbook.read(db, FORM))
        raise ZeroDivisionError

    with transaction() as db:
        assert "extra" not in keys(formbook.read(db, FORM))


def test_a_savepoint_that_was_taken_back_leaves_nothing_in_its_own_transaction(office):
    with transaction() as db:
        with pytest.raises(ZeroDivisionError), db.begin_nested():
            formbook.publish_form(db, changed(extra="Altro"), FORM, by="u_lucia")
            raise ZeroDivisionError
        assert "extra" not in keys(formbook.read(db, FORM))


def test_forms_cost_no_statement_once_this_process_knows_them(office, database):
    publish(changed(extra="Altro"))
    with transaction() as db:
        formbook.read(db, FORM)
    statements: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *call: statements.append(call[2]))

    for _ in range(3):
        with transaction() as db:
            assert "extra" in keys(formbook.read(db, FORM))
            formbook.as_filed(db, FORM, formbook.read(db, "identity").version)

    assert [each for each in statements if "form_version" in each] == []


def test_what_another_process_published_is_asked_after_a_few_seconds(office, database):
    with transaction() as db:
        formbook.read(db, FORM)
    held = dict(formbook._indexes)
    publish(changed(extra="Altro"))
    formbook._indexes.update(held)  # this process has not heard of it

    with transaction() as db:
        assert "extra" not in keys(formbook.read(db, FORM))
    office.time.forward(seconds=11)
    with transaction() as db:
        assert "extra" in keys(formbook.read(db, FORM))


def test_a_form_that_another_process_just_made_is_found_at_once(office):
    with transaction() as db:
        formbook.read(db, FORM)
    held = dict(formbook._indexes)
    publish(changed(extra="Altro"), "brand_new")
    formbook._indexes.update(held)

    with transaction() as db:
        assert "extra" in keys(formbook.read(db, "brand_new"))
        with pytest.raises(InvalidModel):
            formbook.read(db, "nowhere")
