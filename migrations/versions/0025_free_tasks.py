"""The free tasks of a group by an index of their own: among many given away, their index read all that nobody has."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_user_task_candidates", "user_task")
    op.create_index("ix_user_task_candidates", "user_task", ["tenant", "group", "assignee"])


def downgrade() -> None:
    op.drop_index("ix_user_task_candidates", "user_task")
    op.create_index("ix_user_task_candidates", "user_task", ["tenant", "group", "due_at"])
