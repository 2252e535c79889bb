"""The address of a user's calendar feed, as a digest."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", core.db.Instant(), nullable=False),
        sa.Column("seen_at", core.db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_feed")),
        sa.UniqueConstraint("digest", name=op.f("uq_feed_digest")),
    )


def downgrade() -> None:
    op.drop_table("feed")
