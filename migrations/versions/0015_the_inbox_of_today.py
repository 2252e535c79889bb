"""Who gave a task to whom, why it came back, and what somebody did lately found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(), nullable=True))

    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.create_index("ix_step_by_ended", ["by", "ended_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("step", schema=None) as batch_op:
        batch_op.drop_index("ix_step_by_ended")

    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_column("note")
        batch_op.drop_column("given_by")
