"""A letter that somebody lets be sent anew is another letter; one that is set aside keeps by whom, when and why."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("message", sa.Column("closed_by", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("closed_at", core.db.Instant(), nullable=True))
    op.add_column("message", sa.Column("reason_id", sa.Text(), nullable=True))
    with op.batch_alter_table("message") as batch:
        batch.alter_column("turn", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("message") as batch:
        for column in ("reason_id", "closed_at", "closed_by", "turn"):
            batch.drop_column(column)
