"""Outings with their zones and contacts, visits to a desk, appointments."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outing",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("from_at", core.db.Instant(), nullable=False),
        sa.Column("to_at", core.db.Instant(), nullable=True),
        sa.Column("crew", core.db.Json, nullable=False),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("mediator", sa.Text(), nullable=True),
        sa.Column("vehicle", sa.Text(), nullable=True),
        sa.Column("materials", core.db.Json, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.code"], name=op.f("fk_outing_post_post")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_outing")),
    )
    op.create_index("ix_outing_post_from_at", "outing", ["post", "from_at"])
    op.create_table(
        "outing_zone",
        sa.Column("outing_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["outing_code"], ["outing.code"], name=op.f("fk_outing_zone_outing_code_outing")),
        sa.PrimaryKeyConstraint("outing_code", "number", name=op.f("pk_outing_zone")),
    )
    op.create_table(
        "outing_contact",
        sa.Column("contact_code", sa.Text(), nullable=False),
        sa.Column("outing_code", sa.Text(), nullable=False),
        sa.Column("zone", sa.Integer(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_code"], ["contact.code"], name=op.f("fk_outing_contact_contact_code_contact")
        ),
        sa.ForeignKeyConstraint(["outing_code"], ["outing.code"], name=op.f("fk_outing_contact_outing_code_outing")),
        sa.PrimaryKeyConstraint("contact_code", name=op.f("pk_outing_contact")),
        sa.UniqueConstraint("once", name=op.f("uq_outing_contact_once")),
    )
    op.create_index(op.f("ix_outing_contact_outing_code"), "outing_contact", ["outing_code"])
    _visits()
    _appointments()


def _visits() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arrived_at", core.db.Instant(), nullable=False),
        sa.Column("needs", core.db.Json, nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", core.db.Instant(), nullable=True),
        sa.Column("ended_at", core.db.Instant(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("contact_code", sa.Text(), nullable=True),
        sa.Column("once", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.code"], name=op.f("fk_visit_post_post")),
        sa.ForeignKeyConstraint(["contact_code"], ["contact.code"], name=op.f("fk_visit_contact_code_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("once", name=op.f("uq_visit_once")),
    )
    op.create_index("ix_visit_post_arrived_at", "visit", ["post", "arrived_at"])


def _appointments() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=True),
        sa.Column("contact_code", sa.Text(), nullable=True),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_at", core.db.Instant(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("place_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("goes", sa.Text(), nullable=False),
        sa.Column("mediation", sa.Boolean(), nullable=False),
        sa.Column("mediator", sa.Text(), nullable=True),
        sa.Column("grant_id", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_appointment_case_code_case_file")),
        sa.ForeignKeyConstraint(["contact_code"], ["contact.code"], name=op.f("fk_appointment_contact_code_contact")),
        sa.ForeignKeyConstraint(["post"], ["post.code"], name=op.f("fk_appointment_post_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    for column in ("case_code", "contact_code", "post", "from_at", "goes", "mediator"):
        op.create_index(op.f(f"ix_appointment_{column}"), "appointment", [column])


def downgrade() -> None:
    for column in ("mediator", "goes", "from_at", "post", "contact_code", "case_code"):
        op.drop_index(op.f(f"ix_appointment_{column}"), "appointment")
    op.drop_table("appointment")
    op.drop_index("ix_visit_post_arrived_at", "visit")
    op.drop_table("visit")
    op.drop_index(op.f("ix_outing_contact_outing_code"), "outing_contact")
    op.drop_table("outing_contact")
    op.drop_table("outing_zone")
    op.drop_index("ix_outing_post_from_at", "outing")
    op.drop_table("outing")
