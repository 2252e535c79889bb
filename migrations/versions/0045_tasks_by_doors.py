"""Tasks by the doors through which somebody comes to them: given ones without the free, and those of a group."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0039"
branch_labels = None
depends_on = None

GIVEN = sa.text("assignee is not null")


def upgrade() -> None:
    op.drop_index("ix_user_task_assignee_due", "user_task")
    op.create_index(
        "ix_user_task_assignee_due", "user_task", ["assignee", "due_at"], sqlite_where=GIVEN, postgresql_where=GIVEN
    )
    op.create_index("ix_user_task_group", "user_task", ["group", "assignee"])


def downgrade() -> None:
    op.drop_index("ix_user_task_group", "user_task")
    op.drop_index("ix_user_task_assignee_due", "user_task")
    op.create_index("ix_user_task_assignee_due", "user_task", ["assignee", "due_at"])
