"""Reads XML that nobody vouches for: models and tables uploaded by people (XML 1.0; threats A40-A42).

A first pass with expat walks the file without building anything and stops at the first thing a model never needs;
only a file that passed it becomes a tree. No DOCTYPE means no entity, so nothing expands and nothing is fetched.
"""

import codecs
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, cast
from xml.parsers import expat

from lxml import etree

from core.errors import N_, Refused

LIMIT: Final = 2_000_000
DEPTH: Final = 100
ELEMENTS: Final = 50_000
ATTRIBUTES: Final = 100
ATTRIBUTES_TOTAL: Final = 200_000

_XINCLUDE = "http://www.w3.org/2001/XInclude"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BARE = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_ENCODING = re.compile(r"""(encoding\s*=\s*)["'][^"']*["']""")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})["']""")
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,300}?\?>")


class XmlError(Refused):
    """The file is not XML that the house reads; `sentence` says why, `line` where."""

    status = 422

    def __init__(self, sentence: str, /, **params: object) -> None:
        super().__init__(sentence, **params)
        line = params.get("line")
        self.line = line if isinstance(line, int) else None


def parse(data: bytes, *, limit: int = LIMIT, whole: bool = False) -> etree._Element:
    """Return the root element, with `sourceline` kept. Raises XmlError, in bounded time and memory.

    `whole` keeps the comments too, for a file that will be written again.
    """
    if len(data) > limit:
        raise XmlError(N_("Il file è troppo grande: al massimo %(limit)s kB."), limit=limit // 1000)
    text = _decode(data)
    if len(text) > limit:
        raise XmlError(N_("Il file è troppo grande: al massimo %(limit)s kB."), limit=limit // 1000)
    clean = _without_declaration(text).encode("utf-8", "strict")
    if clean.count(b"=") > ATTRIBUTES_TOTAL:
        raise XmlError(N_("Il file ha troppi attributi."))
    _guard(clean)
    return _tree(clean, whole=whole)


def in_utf8(data: bytes) -> bytes:
    """Return a file in UTF-8, which is all that an editor in a browser reads; the very same bytes if it is in it.

    Raises XmlError.
    """
    try:
        if data.decode("utf-8") and (data.startswith(codecs.BOM_UTF8) or _declared(data) == "utf-8"):
            return data
    except UnicodeError:
        pass
    text = _decode(data)
    head = _DECLARATION.match(text)
    body = text[head.end() :] if head else text
    return (_ENCODING.sub(r'\1"UTF-8"', head[0] if head else "") + body).encode()


@lru_cache(256)
def path(text: str, **names: str) -> etree.XPath:
    """Return an XPath over these namespaces, compiled once: compiling costs more than walking a small element."""
    return etree.XPath(text, namespaces=names)


def line_of(element: etree._Element) -> int:
    """Return the line of the file where an element begins."""
    return cast("int | None", element.sourceline) or 0


def _decode(data: bytes) -> str:
    try:
        for bom, encoding in _BOMS:
            if data.startswith(bom):
                return data[len(bom) :].decode(encoding)
        for start, encoding in _BARE:
            if data.startswith(start):
                return data.decode(encoding)
        return data.decode(_declared(data))
    except UnicodeError:
        raise XmlError(N_("Il file contiene caratteri che non corrispondono alla codifica dichiarata.")) from None


def _declared(data: bytes) -> str:
    match = _DECLARED.match(data[:400])
    encoding = match[1].decode("ascii").lower() if match else "utf-8"
    if encoding not in _ENCODINGS:
        raise XmlError(N_("La codifica «%(encoding)s» non è ammessa: salvare il file in UTF-8."), encoding=encoding)
    return encoding


def _without_declaration(text: str) -> str:
    """Return the text without `<?xml ...?>`, whose encoding is no longer true, and with the same line numbers.

    The blank in its place keeps a second one from being the first.
    """
    match = _DECLARATION.match(text)
    return " " + "\n" * match[0].count("\n") + text[match.end() :] if match else text


@lru_cache(4)
def _guard(clean: bytes) -> None:
    """Raise XmlError for what a model may not hold. A draft that was kept is judged next, so the last few are known."""
    _Guard().walk(clean)


class _Guard:
    """One pass of expat that refuses what a model never needs, before anything is built."""

    def __init__(self) -> None:
        self.depth = self.elements = 0
        self.parser = expat.ParserCreate(encoding="utf-8", namespace_separator="}")
        self.parser.ordered_attributes = True
        self.parser.StartDoctypeDeclHandler = self._refuse(
            N_("Il file contiene una dichiarazione DOCTYPE (riga %(line)s): non è ammessa in un modello.")
        )
        self.parser.ProcessingInstructionHandler = self._refuse(
            N_("Il file contiene un'istruzione di elaborazione <?…?> (riga %(line)s): non è ammessa in un modello.")
        )
        self.parser.StartElementHandler = self._open
        self.parser.EndElementHandler = self._close

    def walk(self, clean: bytes) -> None:
        try:
            self.parser.Parse(clean, True)
        except expat.ExpatError as problem:
            raise XmlError(
                N_("Il file non è XML ben formato (riga %(line)s, colonna %(column)s)."),
                line=problem.lineno,
                column=problem.offset + 1,
            ) from None

    def _refuse(self, sentence: str) -> Callable[..., None]:
        def refuse(*_: object) -> None:
            raise self._error(sentence)

        return refuse

    def _error(self, sentence: str, **params: object) -> XmlError:
        return XmlError(sentence, line=self.parser.CurrentLineNumber, **params)

    def _open(self, name: str, attributes: list[str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > DEPTH:
            raise self._error(
                N_("Il file ha più di %(limit)s elementi uno dentro l'altro (riga %(line)s)."), limit=DEPTH
            )
        if self.elements > ELEMENTS:
            raise self._error(N_("Il file ha troppi elementi: al massimo %(limit)s."), limit=ELEMENTS)
        if len(attributes) > 2 * ATTRIBUTES:
            raise self._error(N_("Un elemento ha troppi attributi (riga %(line)s)."))
        if name.startswith(_XINCLUDE):
            raise self._error(N_("Il file chiede di includere un altro file (XInclude, riga %(line)s): non è ammesso."))

    def _close(self, _: str) -> None:
        self.depth -= 1


def _tree(clean: bytes, *, whole: bool = False) -> etree._Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=not whole,
        remove_pis=True,
    )
    try:
        return etree.fromstring(clean, parser)
    except etree.XMLSyntaxError as problem:
        raise XmlError(N_("Il file non è XML ben formato (riga %(line)s)."), line=problem.lineno) from None
