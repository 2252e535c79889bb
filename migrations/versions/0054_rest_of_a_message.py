"""A message that waits for the morning of its reader says until when: so long, nothing is late with it."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("rests_until", core.db.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("message") as batch:
        batch.drop_column("rests_until")
