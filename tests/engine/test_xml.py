"""XML that nobody vouches for (threats A40-A42): refused with a sentence, soon and small, and nothing is fetched."""

import gzip
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from engine import xml
from tests.watch import within

ENTITIES = b"".join(b'<!ENTITY a%d "&a%d;&a%d;">' % (n, n - 1, n - 1) for n in range(1, 40))
LOCAL = "file:///etc/passwd"

BOMBS = {
    "billion laughs": lambda: b'<!DOCTYPE a [<!ENTITY a0 "x">' + ENTITIES + b"]><a>&a39;</a>",
    "quadratic": lambda: b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>",
    "a hundred megabytes": lambda: b"<a>" + b"x" * 100_000_000 + b"</a>",
    "depth": lambda: b"<a>" * 200_000 + b"</a>" * 200_000,
    "elements": lambda: b"<r>" + b"<a/>" * 480_000 + b"</r>",
    "attributes of one element": lambda: b"<a " + b" ".join(b'a%d=""' % n for n in range(180_000)) + b"/>",
    "a million attributes": lambda: b"<a " + b" ".join(b"a%d=''" % n for n in range(1_000_000)) + b"/>",
    "namespaces of one element": lambda: b"<r " + b" ".join(b'xmlns:p%d="u%d"' % (n, n) for n in range(90_000)) + b"/>",
    "namespaces of many": lambda: b"<r>" + b"".join(b'<a xmlns:p%d="u%d"/>' % (n, n) for n in range(49_000)) + b"</r>",
    "one long value": lambda: b'<a b="' + b"x" * 1_990_000 + b'"/>',
    "gzip": lambda: gzip.compress(b"<a/>" * 5_000_000),
    "comments": lambda: b"<a>" + b"<!---->" * 280_000 + b"</a>",
}

REFUSED = [
    (b'<!DOCTYPE a SYSTEM "%s"><a/>' % LOCAL.encode(), "DOCTYPE"),
    (b'<!DOCTYPE a [<!ENTITY x SYSTEM "%s">]><a>&x;</a>' % LOCAL.encode(), "DOCTYPE"),
    (b'<!DOCTYPE a [<!ENTITY %% x SYSTEM "http://127.0.0.1/x">%%x;]><a/>', "DOCTYPE"),
    (f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a SYSTEM "{LOCAL}"><a/>'.encode("utf-16"), "DOCTYPE"),
    (f'<!DOCTYPE a SYSTEM "{LOCAL}"><a/>'.encode("utf-16-le"), "DOCTYPE"),
    (f'<!DOCTYPE a SYSTEM "{LOCAL}"><a/>'.encode("utf-16-be"), "DOCTYPE"),
    (f'<!DOCTYPE a SYSTEM "{LOCAL}"><a/>'.encode("utf-32"), "DOCTYPE"),
    (f'<!DOCTYPE a SYSTEM "{LOCAL}"><a/>'.encode("utf-32-le"), "DOCTYPE"),
    (f'<!DOCTYPE a SYSTEM "{LOCAL}"><a/>'.encode("utf-32-be"), "DOCTYPE"),
    (b"<!-- first -->\n<!DOCTYPE a><a/>", "DOCTYPE"),
    (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-', "utf-7"),
    (b'<?xml version="1.0" encoding="x-mac-cyrillic"?><a/>', "x-mac-cyrillic"),
    (b'<?xml-stylesheet href="http://127.0.0.1/x"?><a/>', "istruzione di elaborazione"),
    (b"<a><?php echo 1 ?></a>", "istruzione di elaborazione"),
    (f'<a xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{LOCAL}"/></a>'.encode(), "XInclude"),
    (b"<a>\xff</a>", "codifica"),
    (b"<a>\x00</a>", "ben formato"),
    (b"<a>&#xD800;</a>", "ben formato"),
    (b"<a>&unknown;</a>", "ben formato"),
    (b"<p:a/>", "ben formato"),
    (b"<a><b></a></b>", "ben formato"),
    (b"<a/><b/>", "ben formato"),
    (b"", "ben formato"),
    (b"non xml", "ben formato"),
    (b"<!doctype html><html></html>", "ben formato"),
    (b"<a>" * 101 + b"</a>" * 101, "100 elementi"),
]


@pytest.mark.parametrize(("data", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_a_model_never_needs_is_refused_in_words(data, words):
    with pytest.raises(xml.XmlError, match=words) as caught:
        xml.parse(data)

    assert caught.value.status == 422


def test_a_refusal_names_the_line():
    with pytest.raises(xml.XmlError) as caught:
        xml.parse(b'<?xml version="1.0"?>\n\n<a>\n<?bad?></a>')

    assert caught.value.line == 4
    assert "(riga 4)" in str(caught.value)


MEASURE = """
import resource, sys
from pathlib import Path
from engine import xml
from tests.watch import within
data = Path(sys.argv[1]).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def attempt():
    try:
        xml.parse(data)
    except xml.XmlError:
        pass


within(1, attempt)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_less_than_a_second_and_a_hundred_megabytes(name, tmp_path):
    (tmp_path / "bomb").write_bytes(BOMBS[name]())

    done = subprocess.run(
        [sys.executable, "-c", MEASURE, tmp_path / "bomb"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert float(done.stdout) < 100


def test_nothing_is_fetched_from_the_net():
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    schema = f'<a xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="u {address}"/>'

    assert xml.parse(schema.encode()).tag == "a"
    for text in (f'<!DOCTYPE a SYSTEM "{address}"><a/>', f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}">]><a>&x;</a>'):
        with pytest.raises(xml.XmlError):
            xml.parse(text.encode())

    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1"])
def test_honest_files_are_read_in_any_usual_encoding(encoding):
    name = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0"\n  encoding="{name}" ?>\n<a>\n  <!-- nota -->\n  <b c="è">città &amp; &#232;</b>\n</a>'

    root = xml.parse(text.encode(encoding))

    assert root[0].get("c") == "è"
    assert root[0].text == "città & è"
    assert [xml.line_of(root), xml.line_of(root[0])] == [3, 5]


def test_a_second_declaration_is_refused_as_any_browser_does():
    with pytest.raises(xml.XmlError, match="riga 1"):
        xml.parse(b'<?xml version="1.0"?><?xml version="1.0"?><a/>')


def test_words_about_doctypes_are_no_doctype():
    root = xml.parse(b"<a>&lt;!DOCTYPE a&gt;<!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE a><?x?>]]></a>")

    assert root.text == "<!DOCTYPE a><!DOCTYPE a><?x?>"


def test_the_limit_can_be_lowered():
    with pytest.raises(xml.XmlError, match="al massimo 1 kB"):
        xml.parse(b"<a>" + b"x" * 1_000 + b"</a>", limit=1_000)


def test_a_real_model_is_read_quickly():
    model = (Path(__file__).parents[2] / "workflows/bpmn/protection.bpmn").read_bytes()

    assert within(0.1, lambda: xml.parse(model)).tag.endswith("definitions")
