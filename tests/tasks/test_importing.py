"""Files from outside: what becomes a draft, what is refused and why; hostile zips harm nobody (threats A40, A41, A51)."""

import io
import json
import re
import stat
import zipfile
from pathlib import Path

import pytest

from core.db import transaction
from core.errors import InvalidForm
from engine import drafts, layout, schema
from tasks import exchange, forms, importing
from tests.engine.draw import draw, user

ROOT = Path(__file__).parents[1]
GROUPS = {"referente del caso": "case_manager", "case_manager": "case_manager", "coordinator": "coordinator"}
CAMUNDA8 = (ROOT / "exchange" / "files" / "camunda8.bpmn").read_bytes()
SMALL = draw("s>a>e", user("a", form="identity", group="case_manager"), process="fresh", name="Nuovo")

DRAWN = layout.drawn(SMALL).decode().partition("?>")[2].strip()


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return made.getvalue()


def bring(name: str, data: bytes) -> list[importing.Incoming]:
    with transaction() as db:
        return importing.keep(db, importing.read(db, importing.unpack(name, data), GROUPS), by="u_paola")


def states(found: list[importing.Incoming]) -> dict[str, str]:
    return {f"{each.kind}:{each.key}": each.state for each in found}


def draft(kind: str, key: str) -> bytes | None:
    with transaction() as db:
        found = drafts.find(db, kind, key)
        return found.content if found else None


def test_a_model_becomes_a_draft_and_nothing_else(office):
    assert states(bring("x.bpmn", SMALL)) == {"process:fresh": "saved"}

    assert draft("process", "fresh") == layout.drawn(SMALL)
    with transaction() as db:
        assert drafts.open_drafts(db)[0].author == "u_paola"
        assert "bpmn/fresh.bpmn" not in [part.path for part in exchange.everything(db)]


def test_a_model_of_camunda_brings_its_form_and_says_what_became_of_it(office):
    found = bring("whatever.xml", CAMUNDA8)

    assert states(found) == {"process:Process_c8": "saved", "form:usertaskform_1": "saved"}
    assert found[0].tool == "Camunda 8"
    assert len(found[0].done) > 8
    assert b'approdo:group="case_manager"' in (draft("process", "Process_c8") or b"")
    assert json.loads(draft("form", "usertaskform_1") or b"")["components"][0]["key"] == "words"


def test_what_has_no_id_gets_one_before_it_is_drawn(office):
    nameless = draw("s>a>e", user("a", form="identity", group="case_manager"), '<task name="Nota"/>', process="fresh")
    nameless = re.sub(rb'<sequenceFlow id="[^"]+"', b"<sequenceFlow", nameless)
    assert schema.check(nameless) == []
    (found,) = bring("x.bpmn", nameless)

    kept = draft("process", "fresh") or b""
    assert found.done[0].text == "ciò che nel file non aveva un id ne ha ricevuto uno"
    assert schema.check(kept) == []
    ids = re.findall(rb' id="(element_\d)"', kept)
    assert len(ids) == len({*ids}) == 3
    assert all(b'bpmnElement="' + each + b'"' in kept for each in ids)
    assert layout.identified(kept) == kept


def test_what_is_in_force_already_begins_no_draft(office):
    with transaction() as db:
        parts = exchange.pathway(db, "contact")
        found = bring_in(db, exchange.zipped(parts))

    assert set(states(found).values()) == {"same"}
    assert len(found) == len(parts)


def bring_in(db, data: bytes) -> list[importing.Incoming]:
    return importing.keep(db, importing.read(db, importing.unpack("a.zip", data), GROUPS), by="u_paola")


def test_a_changed_file_of_a_zip_is_the_draft_of_the_next_version(office):
    form = (forms.FOLDER / "identity.json").read_bytes() + b"\n"
    found = bring("a.zip", zipped(("forms/identity.json", form), ("bpmn/fresh.bpmn", SMALL), ("manifest.json", b"{}")))

    assert states(found) == {"process:fresh": "saved", "form:identity": "saved"}
    assert [each.version for each in found] == [None, 1]


def test_an_open_draft_is_never_written_over(office):
    bring("x.bpmn", SMALL)

    assert states(bring("x.bpmn", SMALL.replace(b"Nuovo", b"Altro"))) == {"process:fresh": "busy"}
    assert draft("process", "fresh") == layout.drawn(SMALL)


def test_a_draft_may_have_findings(office):
    (found,) = bring("x.bpmn", SMALL.replace(b'form="identity"', b'form="none"').replace(b"case_manager", b"nobody"))

    assert found.state == "saved"
    assert [each.text for each in found.found] == ["il modulo «none» non esiste", "il gruppo «nobody» non esiste"]


@pytest.mark.parametrize("name", ["camunda-task-listener", "flowable-expression", "zeebe-script", "camunda-connector"])
def test_a_file_with_code_of_another_program_is_refused_by_name(office, name):
    (found,) = bring("x.bpmn", (ROOT / "evil" / f"{name}.bpmn").read_bytes())

    assert (found.state, draft("process", "pathway")) == ("refused", None)
    assert "codice di un altro programma" in found.problem
    assert found.found


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ((ROOT / "evil" / "xxe-file.bpmn").read_bytes(), "DOCTYPE"),
        ((ROOT / "evil" / "billion-laughs.bpmn").read_bytes(), "DOCTYPE"),
        (b"<a/>", "Non è un modello BPMN"),
        (b"hello", "ben formato"),
        (b"\x89PNG\r\n", "caratteri"),
        (b"{", "non è un modulo"),
        (b'{"type": "default"}', "non è un modulo"),
        (b"[" * 100_000, "non è un modulo"),
        (b"<!---->" + b" " * 2_000_001, "troppo grande"),
        ((ROOT / "evil" / "no-process.bpmn").read_bytes(), "percorso disegnato"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x"/>', "decisione"),
    ],
)
def test_what_is_no_file_of_ours_gets_a_sentence_and_leaves_nothing(office, data, words):
    (found,) = bring("x", data)

    assert found.state == "refused"
    assert words in found.problem
    with transaction() as db:
        assert drafts.open_drafts(db) == []


def test_one_bad_file_does_not_keep_the_others_out(office):
    found = bring("a.zip", zipped(("a.bpmn", SMALL), ("b.bpmn", b"<a/>"), ("notes.txt", b"ciao")))

    assert sorted(each.state for each in found) == ["refused", "refused", "saved"]


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "windows-1252", "US-ASCII"])
def test_a_file_in_another_encoding_becomes_utf_8_with_the_same_letters(office, encoding):
    """What an editor in the browser reads is always taken for UTF-8: an accent would be lost with the next save."""
    name = "Attività" if encoding != "US-ASCII" else "Activity"
    text = f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?>{DRAWN}'
    (found,) = bring("x.bpmn", text.replace("Nuovo", name).encode(encoding))

    assert (found.state, [each.text for each in found.done]) == ("saved", [importing.ENCODED])
    kept = (draft("process", "fresh") or b"").decode("utf-8")
    assert kept.startswith('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><definitions')
    assert f'name="{name}"' in kept


def test_a_file_in_utf_8_stays_byte_for_byte_with_its_mark(office):
    data = b"\xef\xbb\xbf" + DRAWN.encode()

    assert states(bring("x.bpmn", data)) == {"process:fresh": "saved"}
    assert draft("process", "fresh") == data


def test_a_form_that_begins_with_the_mark_of_utf_8_is_read(office):
    data = json.dumps({"type": "default", "id": "colloquio", "components": []}).encode()

    assert states(bring("x.form", b"\xef\xbb\xbf" + data)) == {"form:colloquio": "saved"}
    assert draft("form", "colloquio") == data


def test_a_table_of_dmn_1_2_becomes_1_3(office):
    table = (ROOT.parent / "workflows" / "dmn" / "risk.dmn").read_bytes()
    old = table.replace(b"https://www.omg.org/spec/DMN/20191111/", b"http://www.omg.org/spec/DMN/20180521/")
    (found,) = bring("x.dmn", old.replace(b'name="Livello di rischio"', b'name="Rischio"'))

    assert (found.state, found.key, found.version, len(found.done)) == ("saved", "risk", 1, 1)
    assert b"20191111/MODEL" in (draft("decision", "risk") or b"")
    assert [each.text for each in found.found] == []


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("forms/new_one.json", {"id": "other"}, "new_one"),
        ("form-3.json", {"id": "Altro Modulo"}, "altro_modulo"),
        ("C:\\dati\\Primo colloquio.json", {}, "primo_colloquio"),
    ],
)
def test_a_form_is_called_by_its_place_by_itself_or_by_its_file(office, name, content, key):
    data = json.dumps({"type": "default", "components": [], **content}).encode()
    with transaction() as db:
        assert [each.key for each in importing.read(db, [(name, data)], GROUPS)] == [key]


# -- hostile zips ------------------------------------------------------------------------------------------------------


def link() -> bytes:
    made, info = io.BytesIO(), zipfile.ZipInfo("bpmn/a.bpmn")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return made.getvalue()


def twice() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate name"):
        return zipped(("a.bpmn", SMALL), ("a.bpmn", SMALL))


def with_password() -> bytes:
    data = bytearray(zipped(("a.bpmn", SMALL)))
    data[6] |= 1  # the local header says that it is encrypted
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def lying() -> bytes:
    """A bomb that says it is small: 3 MB of zeros with a size of 10."""
    data = bytearray(zipped(("a.bpmn", b"\0" * 3_000_000)))
    at = data.rindex(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


HOSTILE = {
    "a bomb": lambda: zipped(*((f"{n}.bpmn", b"\0" * 1_999_999) for n in range(12))),
    "one large file": lambda: zipped(("a.bpmn", b"\0" * 2_000_001)),
    "a bomb that lies": lying,
    "many files": lambda: zipped(*((f"{n}.bpmn", b"") for n in range(301))),
    "a way out": lambda: zipped(("../../etc/a.bpmn", SMALL)),
    "a way out of windows": lambda: zipped(("..\\a.bpmn", SMALL)),
    "an absolute path": lambda: zipped(("/etc/a.bpmn", SMALL)),
    "a drive": lambda: zipped(("C:a.bpmn", SMALL)),
    "a name that does not print": lambda: zipped(("a\u202enpb.bpmn", SMALL)),
    "a link": link,
    "the same name twice": twice,
    "a password": with_password,
    "an odd packing": lambda: zipped(("a.bpmn", SMALL), how=zipfile.ZIP_BZIP2),
    "half a zip": lambda: zipped(("a.bpmn", SMALL))[:60],
    "letters": lambda: b"PK\x03\x04hello",
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_zip_is_refused_whole(what):
    data = HOSTILE[what]()

    with pytest.raises(InvalidForm) as refused:
        importing.unpack("a.zip", data)
    assert list(refused.value.errors) == ["file"]


def test_a_zip_in_a_zip_is_no_file_of_ours(office):
    (found,) = bring("a.zip", zipped(("b.zip", zipped(("a.bpmn", SMALL)))))

    assert found.state == "refused"


def test_what_a_computer_adds_to_a_zip_is_not_looked_at():
    assert importing.unpack("a.zip", zipped(("__MACOSX/._a", b"x"), (".git/HEAD", b"x"), ("a/", b""), ("a/b", b"y"))) == [("a/b", b"y")]
