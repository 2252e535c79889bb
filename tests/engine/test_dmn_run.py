"""Decision tables decide as DMN 1.3 says (clause 8.2.10): every hit policy, several outputs, chains."""

from typing import Any

import pytest

from engine import dmn, dmn_run
from engine.feel_values import from_feel
from tests.engine.dmn_files import Column, Table, file, literal


def run(data: bytes, decision_id: str = "table", **facts: Any) -> Any:
    model, findings = dmn.read(data)
    assert findings == []
    return from_feel(dmn_run.run(model, decision_id, facts))


def table(policy: str = "", *rows: str, aggregation: str = "", output: Column | None = None) -> bytes:
    return file(Table([Column("age", "number")], [output or Column("fee", "number")], list(rows), policy, aggregation))


HITS = ("< 18 | 5", ">= 18 | 20", "[10..65] | 3")


def test_without_a_policy_only_one_row_may_hold():
    assert run(table("", *HITS), age=70) == 20
    with pytest.raises(dmn_run.DecisionError) as caught:
        run(table("", *HITS), age=30)

    assert str(caught.value) == "La tabella «Tabella» dà più di una risposta: valgono insieme le righe 2, 3."
    assert caught.value.status == 422


def test_any_lets_rows_hold_together_that_say_the_same():
    assert run(table("ANY", "< 18 | 5", "< 12 | 2 + 3"), age=3) == 5
    with pytest.raises(dmn_run.DecisionError, match="le righe 1, 2"):
        run(table("ANY", "< 18 | 5", "< 12 | 6"), age=3)


def test_first_takes_the_upper_row():
    assert run(table("FIRST", *HITS), age=30) == 20


def test_priority_takes_the_most_important_output():
    output = Column("level", values='"alto","medio","basso"')

    assert run(table("PRIORITY", '- | "basso"', '> 3 | "alto"', '> 1 | "medio"', output=output), age=5) == "alto"
    assert run(table("PRIORITY", '- | "basso"', '> 3 | "alto"', '> 1 | "medio"', output=output), age=2) == "medio"


def test_output_order_lists_by_importance_and_rule_order_by_row():
    output = Column("level", values='"alto","medio","basso"')
    rows = ('- | "basso"', '> 3 | "alto"', '> 1 | "medio"')

    assert run(table("OUTPUT ORDER", *rows, output=output), age=5) == ["alto", "medio", "basso"]
    assert run(table("RULE ORDER", *rows, output=output), age=5) == ["basso", "alto", "medio"]
    assert run(table("COLLECT", *rows, output=output), age=1) == ["basso"]


@pytest.mark.parametrize(
    ("aggregation", "some", "none"),
    [("", [5, 3], []), ("SUM", 8, None), ("MIN", 3, None), ("MAX", 5, None), ("COUNT", 2, 0)],
)
def test_collect_lists_sums_counts(aggregation, some, none):
    assert run(table("COLLECT", *HITS, aggregation=aggregation), age=12) == some
    assert run(table("COLLECT", "> 200 | 1", aggregation=aggregation), age=12) == none


def test_without_a_hit_the_answer_is_null_or_the_default():
    assert run(table("", "> 200 | 1"), age=3) is None
    assert run(table("", "> 200 | 1", output=Column("fee", "number", default="7 + age")), age=3) == 10
    assert run(table("COLLECT", "> 200 | 1", output=Column("fee", "number", default="7")), age=3) == [7]


def test_several_outputs_make_a_context():
    inputs = [Column("province"), Column("danger", "boolean")]
    outputs = [Column("post"), Column("channel")]
    data = file(
        Table(
            inputs,
            outputs,
            ['"MI","MB" | true | "lombardia" | "reperibilita"', '- | - | "nazionale" | "mail"'],
            "FIRST",
        )
    )

    assert run(data, province="MB", danger=True) == {"post": "lombardia", "channel": "reperibilita"}
    assert run(data, province="MB", danger=None) == {"post": "nazionale", "channel": "mail"}
    assert run(data) == {"post": "nazionale", "channel": "mail"}


def test_priority_with_several_outputs_looks_at_the_first_column_first():
    outputs = [Column("a", values='"x","y"'), Column("b", values='"p","q"')]
    rows = ['"y" | "p"', '"x" | "q"', '"x" | "p"']

    data = file(Table([Column("n", "number")], outputs, [f"- | {each}" for each in rows], "OUTPUT ORDER"))

    found = [(each["a"], each["b"]) for each in run(data, n=1)]
    assert found == [("x", "p"), ("x", "q"), ("y", "p")]


def test_cells_may_use_other_facts_and_the_value_under_test():
    rows = ['> limit | "sopra"', '? > 3 and ? < limit | "dentro"', 'even(?) | base + "!"']
    data = file(Table([Column("n", "number")], [Column("out")], rows, "FIRST"))

    assert [run(data, n=n, limit=10, base="pari") for n in (11, 5, 2, 1)] == ["sopra", "dentro", "pari!", None]


def test_an_unknown_fact_passes_only_cells_that_ask_nothing():
    assert run(table("FIRST", "< 18 | 5", "not(< 18) | 6", "null | 7", "- | 8")) == 7
    assert run(table("FIRST", "< 18 | 5", "not(< 18) | 6", "- | 8")) == 8


def test_a_decision_sees_the_ones_it_needs_under_name_and_id():
    risk = Table(
        [Column("violence", "boolean")],
        [Column("level")],
        ['true | "alto"', '- | "basso"'],
        "FIRST",
        id="risk",
        name="Rischio stimato",
    )
    hours = Table(
        [Column("Rischio stimato")],
        [Column("hours", "number")],
        ['"alto" | 48', "- | 240"],
        "FIRST",
        id="hours",
        name="Ore",
        needs=["risk"],
    )
    text = literal("text", 'risk + ": " + string(Ore) + " ore"', needs=("risk", "hours"))
    data = file(text, hours, risk)

    assert run(data, "text", violence=True) == "alto: 48 ore"
    assert run(data, "hours", violence=False) == 240
    assert run(data, "risk", violence=False) == "basso"


def test_dates_leave_as_iso_texts():
    data = file(literal("due", 'date(issued_on) + duration("P45D")'))

    assert run(data, "due", issued_on="2026-08-20") == "2026-10-04"


def test_a_table_has_a_budget_for_all_its_cells():
    rows = ["count(for i in 1..2000 return i) > ? | 1"] * 900

    with pytest.raises(
        dmn_run.DecisionError, match="La decisione «Tabella» non si può calcolare: il calcolo è troppo lungo"
    ):
        run(table("COLLECT", *rows), age=1)


def test_only_what_a_decision_needs_is_calculated():
    data = file(literal("wanted", "1"), literal("other", "count(for i in 1..5000, j in 1..5000 return i)"))

    assert run(data, "wanted") == 1
