"""Terms that two coordinators decide, offices with closed days, when a date was set by hand."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "office",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_office")),
    )
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_province"), ["province"], unique=False)

    op.create_table(
        "term_entry",
        sa.Column("term_id", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("facts", core.db.Json, nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("loaded_at", core.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("term_id", "slot", name=op.f("pk_term_entry")),
    )
    op.create_table(
        "term_proposal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("term_id", sa.Text(), nullable=False),
        sa.Column("facts", core.db.Json, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", core.db.Instant(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", core.db.Instant(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_proposal")),
    )
    with op.batch_alter_table("term_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_term_proposal_term_id"), ["term_id"], unique=False)
        batch_op.create_index(
            "uq_term_proposal_open",
            ["term_id"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "office_day",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", core.db.Instant(), nullable=False),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_at", core.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["office"], ["office.code"], name=op.f("fk_office_day_office_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_day")),
    )
    with op.batch_alter_table("office_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_office_day_office"), ["office"], unique=False)

    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.add_column(sa.Column("override_at", core.db.Instant(), nullable=True))

    with op.batch_alter_table("term", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proposal", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("proposed_by", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.Text(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table("term", schema=None) as batch_op:
        batch_op.drop_column("approved_by")
        batch_op.drop_column("proposed_by")
        batch_op.drop_column("proposal")

    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.drop_column("override_at")

    with op.batch_alter_table("office_day", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_office_day_office"))

    op.drop_table("office_day")
    with op.batch_alter_table("term_proposal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_term_proposal_open",
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_term_proposal_term_id"))

    op.drop_table("term_proposal")
    op.drop_table("term_entry")
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_office_province"))

    op.drop_table("office")
