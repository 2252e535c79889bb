"""parked incidents: what was given up, how often it was tried, the places of the sentence."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("incident") as table:
        table.add_column(sa.Column("parked", sa.String(), nullable=True))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("params", core.db.Json, nullable=False, server_default="{}"))
    with op.batch_alter_table("incident") as table:
        table.alter_column("attempts", server_default=None)
        table.alter_column("params", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("incident") as table:
        table.drop_column("params")
        table.drop_column("attempts")
        table.drop_column("parked")
