"""Histories for others' tools: what they expect is there, and nothing that a person said."""

import csv
import io
import json
import zipfile
from datetime import date, datetime

import pytest
from lxml import etree

from cases import codes, handouts, htcds, htcds_record
from cases.casefile import Case
from cases.htcds_fields import FIELDS, GIVEN
from cases.htcds_record import Around
from core import clock, seal
from core.db import transaction
from tasks import exports

XES_KINDS = {"string", "date", "int", "float", "boolean", "id", "list"}


@pytest.fixture
def case(office):
    code = office.case()
    while True:
        with transaction() as db:
            if seal.seal(db, by="clock") is None:
                return code


def packed(kind, code):
    with transaction() as db:
        content, _ = exports.archive(db, kind, [code], "u_marco")
    return zipfile.ZipFile(io.BytesIO(content))


def test_xes_has_the_shape_of_the_standard_and_its_events_are_in_order(case):
    log = etree.fromstring(packed("xes", case).read("log.xes"))

    assert log.tag == "log"
    assert log.get("xes.version")
    assert {each.get("prefix") for each in log.iter("extension")} == {"concept", "time", "org", "lifecycle"}
    assert {scope.get("scope") for scope in log.iter("global")} == {"trace", "event"}
    traces = log.findall("trace")
    assert traces
    for trace in traces:
        assert {each.get("key"): each.get("value") for each in trace.findall("string")}["approdo:case"] == case
        moments = []
        for event in trace.findall("event"):
            found = {each.get("key"): each.get("value") or "" for each in event}
            assert {each.tag for each in event} <= XES_KINDS
            assert found["concept:name"]
            assert found["lifecycle:transition"] in ("start", "complete", "ate_abort")
            moments.append(datetime.fromisoformat(found["time:timestamp"]))
        assert moments == sorted(moments)


def test_what_one_run_did_at_one_moment_stands_in_the_order_of_the_model(office):
    contact = office.call()
    log = etree.fromstring(packed("xes", contact).read("log.xes"))
    begun = [
        {each.get("key"): each.get("value") for each in event}["approdo:element"]
        for event in log.iter("event")
        if {each.get("key"): each.get("value") for each in event}["lifecycle:transition"] == "start"
    ]

    assert begun == ["contact_received", "triage", "gw_path", "routing", "contact_route", "contact_pickup"]


def test_ocel_names_every_type_and_object_that_its_events_speak_of(case):
    log = json.loads(packed("ocel", case).read("log.jsonocel"))
    objects, kinds = {each["id"] for each in log["objects"]}, {each["name"] for each in log["objectTypes"]}

    assert log["events"]
    assert {each["type"] for each in log["objects"]} <= kinds
    assert {each["type"] for each in log["events"]} == {each["name"] for each in log["eventTypes"]}
    for event in log["events"]:
        assert {link["objectId"] for link in event["relationships"]} <= objects
        assert datetime.fromisoformat(event["time"])


def test_the_table_and_the_lines_speak_of_the_same_case(case):
    rows = list(csv.DictReader(io.StringIO(packed("csv", case).read("steps.csv").decode())))
    lines = [json.loads(row) for row in packed("jsonl", case).read("lines.jsonl").splitlines()]

    assert {row["case"] for row in rows} == {case}
    assert {line["case"] or line["stream"] for line in lines} <= {case, f"case:{case}"}


def test_every_archive_names_its_files_by_hash_and_is_the_same_for_the_same_content(case, time):
    for kind in handouts.KINDS:
        files = packed(kind, case)
        manifest = json.loads(files.read("export.json"))
        assert set(manifest["files"]) | {"export.json"} == set(files.namelist())
        with transaction() as db:
            assert exports.archive(db, kind, [case], "u_marco")[1] == exports.archive(db, kind, [case], "u_marco")[1]
        assert manifest["made_at"] == clock.iso(clock.now())


def test_what_begins_like_a_formula_is_only_text():
    assert exports._harmless("=1+1") == "'=1+1"
    assert exports._harmless("Colloquio") == "Colloquio"


def test_htcds_records_hold_only_what_the_standard_knows_and_may_leave(case):
    made = json.loads(packed("htcds", case).read("htcds.json"))
    record = made["records"][0]

    assert (record.pop("case"), record.pop("support_plans")) == (case, [])
    assert (record["cas_Status"], record["org_Type"] in FIELDS["org_Type"].picks) == ("Active", True)
    assert {FIELDS[name].ours for name in record} == {GIVEN}
    assert [each["field"] for each in made["fields"]] == list(FIELDS)


def test_every_field_of_the_standard_is_in_the_list_once():
    fields = list(FIELDS.values())

    assert (len(fields), sum(field.core for field in fields), sum(field.deprecated for field in fields)) == (84, 40, 3)
    assert {field.ours for field in fields} == {GIVEN, "sealed", "absent"}
    assert all(field.picks for field in fields if field.kind in ("picklist", "multiselect"))
    assert not any(field.picks for field in fields if field.kind not in ("picklist", "multiselect"))


def test_every_code_of_ours_has_a_name_that_the_standard_knows():
    for names, field in (
        (htcds.VICTIM_STATUS, "vic_TraffickingStatus"), (htcds.STATUS_DECIDER, "vic_TraffickingStatusDecisionMakingOrg"),
        (htcds.GENDER, "prs_Gender"), (htcds.CONTROL, "vic_MethodsOfControl"), (htcds.RECRUITMENT, "vic_MethodOfRecruitment"),
        (htcds.TRANSFER_REASON, "cas_ReasonForIncomingReferral"), (htcds_record.SUPPORT, "spl_Type"),
        (htcds_record.BODIES, "org_Type"),
    ):  # fmt: skip
        assert set(names.values()) <= set(FIELDS[field].picks), field
    sexual = {name for names in htcds.EXPLOITATION.values() for name in names} - set(FIELDS["vic_TypeOfExploitation"].picks)
    assert sexual <= set(FIELDS["vic_TypeOfSexExploitation"].picks)
    assert set(htcds_record.SUPPORT) <= codes.codes_of(codes.PEI_AREAS)


@pytest.mark.parametrize(
    "wrong", [
        {"cas_Status": "Open"}, {"cas_CaseOwner": 3}, {"prs_FirstName": "Grace"}, {"cas_Colour": "red"},
        {"cas_OutgoingReferralDate": "11/08/2026"}, {"con_Consent": "yes"}, {"org_Name": ""}, {"spl_Type": ["Health"]},
    ],
)  # fmt: skip
def test_what_the_standard_does_not_know_does_not_leave(wrong):
    with pytest.raises(htcds_record.NotHtcds):
        htcds_record.check(wrong)


def test_types_of_fields_that_stay_sealed_are_known_too():
    fits = htcds_record.fits

    assert fits("multiselect", ("A", "B"), ["A", "B"])
    assert not fits("multiselect", ("A", "B"), ["A", "C"])
    assert fits("countries", (), ["NG", "IT"])
    assert not fits("countries", (), ["Nigeria"])
    assert fits("language", (), "pcm")
    assert not fits("number", (), True)
    assert not fits("none", (), "x")


def test_a_status_never_stands_without_who_decided_it():
    case = Case(status="open", phase="P4", victim_status="presunta", status_decider=None)

    assert "vic_TraffickingStatus" not in htcds_record.of_case(case, Around())
    case.status_decider = "ente_antitratta"
    assert htcds_record.of_case(case, Around())["vic_TraffickingStatusDecisionMakingOrg"] == "NGO"


def test_who_sent_a_case_and_where_it_was_sent_stand_in_the_record_as_codes():
    day = date(2026, 11, 19)
    around = Around(came_from="lombardia-2", came_on=day, came_because="sicurezza", sent_to="asl", sent_on=day, consent=True)
    record = htcds_record.of_case(Case(status="open", phase="P4"), around)

    assert record["cas_ReasonForIncomingReferral"] == "MigrationOrChangeOfLocation"
    assert (record["cas_IncomingReferralDate"], record["cas_OutgoingReferralDate"]) == ("2026-11-19", "2026-11-19")
    assert htcds_record.of_goal("lavoro", day, None) == {"spl_Type": "Livelihood", "spl_PlannedEndDate": "2026-11-19"}
    assert htcds_record.of_goal("tempo_libero", day, None) == {}
