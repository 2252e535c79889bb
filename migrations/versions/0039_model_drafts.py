"""Drafts of models, their lost copies; from when a published version is in force, and who wrote it."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0039"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_draft",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("saved_at", core.db.Instant(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("proposed_at", core.db.Instant(), nullable=True),
        sa.Column("in_force_from", core.db.Instant(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_model_draft")),
    )
    op.create_table(
        "model_draft_copy",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("kept_at", core.db.Instant(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_draft_copy")),
    )
    op.create_index(op.f("ix_model_draft_copy_key"), "model_draft_copy", ["key"])
    for table in ("definition", "decision_table"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("written_by", sa.String(), nullable=True))
            batch_op.add_column(sa.Column("in_force_from", core.db.Instant(), nullable=True))
    op.execute("UPDATE definition SET in_force_from = published_at")
    op.execute("UPDATE decision_table SET in_force_from = published_at")


def downgrade() -> None:
    for table in ("definition", "decision_table"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("in_force_from")
            batch_op.drop_column("written_by")
    op.drop_index(op.f("ix_model_draft_copy_key"), table_name="model_draft_copy")
    op.drop_table("model_draft_copy")
    op.drop_table("model_draft")
