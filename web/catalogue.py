"""What there is to translate: every marked sentence of the house, and what the English catalogue says of it.

`python -m web.catalogue` adds new sentences to the catalogue (untranslated) and drops those that are gone.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
ENGLISH = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None}


def template() -> Catalog:
    """Every marked sentence, with the file it stands in."""
    found = Catalog(project="Approdo", charset="utf-8")
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    for place, _, message, comments, context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        found.add(message, locations=[(place, 0)], auto_comments=comments, context=context)
    return found


def read() -> Catalog:
    """The English catalogue as it stands."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def update() -> Catalog:
    """Bring the catalogue up to date with the code; nothing is guessed."""
    english = read() if ENGLISH.exists() else Catalog(locale="en", project="Approdo", charset="utf-8")
    english.update(template(), no_fuzzy_matching=True)
    english.obsolete.clear()
    with ENGLISH.open("wb") as file:
        write_po(file, english, width=120, omit_header=False, include_lineno=False, sort_output=True)
    return english


if __name__ == "__main__":
    missing = [message for message in update() if message.id and not (message.string and all(message.string))]
    print(f"{len(missing)} sentences without English")
