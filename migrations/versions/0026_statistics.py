"""What statistics count of a person, as fingerprints; the files made of them, and the receipts of who got one.

The status that a case has now begins its history; sex, citizenship and form follow with `approdo search rebuild`.
"""

import sqlalchemy as sa
from alembic import op

import core.db
from core import clock
from core.ids import new_id

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trait",
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=True),
        sa.Column("form", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_trait_case_code_case_file")),
        sa.PrimaryKeyConstraint("case_code", name=op.f("pk_trait")),
    )
    registration = op.create_table(
        "registration",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decider", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=True),
        sa.Column("recorded_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_registration_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index(op.f("ix_registration_case_code"), "registration", ["case_code"])
    op.create_index(op.f("ix_registration_on"), "registration", ["on"])
    op.create_table(
        "statistics_export",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("first", sa.Text(), nullable=True),
        sa.Column("last", sa.Text(), nullable=True),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.code"], name=op.f("fk_statistics_export_post_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics_export")),
    )
    op.create_index(op.f("ix_statistics_export_post"), "statistics_export", ["post"])
    op.create_table(
        "import_receipt",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("export_id", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["statistics_export.id"], name=op.f("fk_import_receipt_export_id_statistics_export")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_receipt")),
    )
    op.create_index(op.f("ix_import_receipt_export_id"), "import_receipt", ["export_id"])
    _begin(registration)


def _begin(registration: sa.Table) -> None:
    case_file = sa.table(
        "case_file", sa.column("code"), sa.column("victim_status"), sa.column("status_decider"),
        sa.column("status_on", sa.Date), sa.column("minor", sa.Boolean), sa.column("age_doubt", sa.Boolean),
    )  # fmt: skip
    db = op.get_bind()
    for row in db.execute(sa.select(case_file).where(case_file.c.status_on.is_not(None))).all():
        minor = True if row.minor or row.age_doubt else row.minor
        values = {"id": new_id(), "case_code": row.code, "status": row.victim_status, "decider": row.status_decider}
        moment = {"on": row.status_on, "minor": minor, "recorded_at": clock.now()}
        db.execute(sa.insert(registration).values(**values, **moment))


def downgrade() -> None:
    for table in ("import_receipt", "statistics_export", "registration", "trait"):
        op.drop_table(table)
