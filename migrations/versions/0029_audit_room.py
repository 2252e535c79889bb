"""The auditor's room: reviews, notes and findings, openings, files that leave the house."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_review",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("filters", core.db.Json, nullable=False),
        sa.Column("seed", sa.Text(), nullable=True),
        sa.Column("cases", core.db.Json, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", core.db.Instant(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", core.db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_review")),
    )
    op.create_table(
        "audit_remark",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", core.db.Instant(), nullable=False),
        sa.Column("closing", sa.LargeBinary(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", core.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_audit_remark_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_remark")),
    )
    op.create_index(op.f("ix_audit_remark_case_code"), "audit_remark", ["case_code"])
    op.create_index(op.f("ix_audit_remark_owner"), "audit_remark", ["owner"])
    op.create_table(
        "audit_opening",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("reason_id", sa.Text(), nullable=False),
        sa.Column("at", core.db.Instant(), nullable=False),
        sa.Column("until", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_audit_opening_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_opening")),
    )
    op.create_index(op.f("ix_audit_opening_case_code"), "audit_opening", ["case_code"])
    op.create_table(
        "audit_handout",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cases", core.db.Json, nullable=False),
        sa.Column("reason_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", core.db.Instant(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", core.db.Instant(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_handout")),
    )
    op.create_index(op.f("ix_audit_handout_asked_by"), "audit_handout", ["asked_by"])


def downgrade() -> None:
    for table in ("audit_handout", "audit_opening", "audit_remark", "audit_review"):
        op.drop_table(table)
