"""Code lists: codes are unique, labels are Italian, every exported code has its HTCDS name."""

from collections.abc import Mapping

import pytest

from cases import codes, htcds, territory
from core.errors import InvalidForm

EXPORTED: dict[str, Mapping[str, object]] = {
    "forma_sfruttamento": htcds.EXPLOITATION,
    "stato_vittima": htcds.VICTIM_STATUS,
    "ente_decisione": htcds.STATUS_DECIDER,
    "genere": htcds.GENDER,
    "mezzi_controllo": htcds.CONTROL,
    "reclutamento": htcds.RECRUITMENT,
    "stato_caso": htcds.CASE_STATUS,
    "motivo_trasferimento": htcds.TRANSFER_REASON,
}


@pytest.mark.parametrize("name", sorted(codes.LISTS))
def test_a_list_has_no_doubles_and_no_empty_labels(name):
    entries = codes.LISTS[name]

    assert len({code for code, _ in entries}) == len({label for _, label in entries}) == len(entries)
    assert all((label.strip() == label and label[0].isupper()) or label[0].isdigit() for _, label in entries)


@pytest.mark.parametrize("name", sorted(EXPORTED))
def test_every_code_of_an_exported_list_has_a_name_in_the_standard(name):
    assert set(EXPORTED[name]) == codes.codes_of(codes.LISTS[name])


def test_trafficking_for_domestic_servitude_is_servitude_in_households():
    assert htcds.EXPLOITATION["servitu_domestica"] == ("Servitude",)
    assert set(htcds.INDUSTRY) <= set(htcds.EXPLOITATION)


def test_null_is_read_as_not_known():
    assert codes.label("rischio", None) == "non noto"
    assert codes.label("rischio", "alto") == "Alto"
    assert codes.label("rischio", "estinto") == "estinto"


def test_a_code_outside_its_list_is_refused_beside_its_field():
    with pytest.raises(InvalidForm) as refusal:
        codes.check("risk_level", codes.RISK_LEVELS, "altissimo")

    assert refusal.value.errors == {"risk_level": ["Scegli una voce dell'elenco."]}


def test_there_are_107_provinces_and_each_is_found_in_either_case():
    assert len(territory.PROVINCES) == len(dict(territory.PROVINCES)) == 107
    assert territory.check_province("province", "bg") == "BG"
    assert territory.province_name("RE") == "Reggio Emilia"
    with pytest.raises(InvalidForm):
        territory.check_province("province", "ZZ")
