"""When an appointment was fixed is kept, and the messages of a kind are found without reading all that ever were."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointment", sa.Column("set_at", core.db.Instant(), nullable=True))
    op.create_index("ix_message_kind", "message", ["kind", "promised_at"])


def downgrade() -> None:
    op.drop_index("ix_message_kind", "message")
    with op.batch_alter_table("appointment") as batch:
        batch.drop_column("set_at")
