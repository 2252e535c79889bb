"""Fingerprints by which a person is found again, and how much one user looks at in an hour."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_key",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "part", "kind", "key", name=op.f("pk_search_key")),
    )
    with op.batch_alter_table("search_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_key_key"), ["key"], unique=False)
    op.create_table(
        "recent_use",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", core.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "kind", "subject", name=op.f("pk_recent_use")),
    )


def downgrade() -> None:
    op.drop_table("recent_use")
    with op.batch_alter_table("search_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_key_key"))

    op.drop_table("search_key")
