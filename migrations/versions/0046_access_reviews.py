"""Access reviews: every quarter, post by post, who still needs to come in."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_round",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("begun_at", core.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_access_round")),
    )
    op.create_table(
        "access_question",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("round", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("reason_id", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", core.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["round"], ["access_round.code"], name=op.f("fk_access_question_round_access_round")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_access_question_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_question")),
    )
    op.create_index(op.f("ix_access_question_round"), "access_question", ["round"])


def downgrade() -> None:
    op.drop_table("access_question")
    op.drop_table("access_round")
