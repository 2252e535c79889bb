"""Interviews of a case: when, how long, about what, led by whom."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "interview",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("operator_change", sa.Text(), nullable=True),
        sa.Column("mediator", sa.Text(), nullable=True),
        sa.Column("themes", core.db.Json, nullable=False),
        sa.Column("done", core.db.Json, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_interview_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interview")),
        sa.UniqueConstraint("case_code", "number", name=op.f("uq_interview_case_code_number")),
    )
    op.create_index(op.f("ix_interview_case_code"), "interview", ["case_code"])


def downgrade() -> None:
    op.drop_table("interview")
