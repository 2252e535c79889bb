"""By when a step had to be done, so that what was late can be told when it is over."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0036"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("step", sa.Column("due_at", core.db.Instant(), nullable=True))
    op.execute("update step set due_at = (select due_at from user_task where user_task.id = step.id)")


def downgrade() -> None:
    op.drop_column("step", "due_at")
