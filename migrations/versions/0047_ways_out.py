"""Other ways out than mail: by which way a message leaves, and the devices that somebody lets be woken."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("way", sa.Text(), nullable=False, server_default="mail"))
    op.add_column("message", sa.Column("target", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("copy_of", sa.Text(), nullable=True))
    op.create_table(
        "push_device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("made_at", core.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_push_device"),
        sa.UniqueConstraint("endpoint", name="uq_push_device_endpoint"),
    )
    op.create_index("ix_push_device_user_id", "push_device", ["user_id"])


def downgrade() -> None:
    op.drop_table("push_device")
    op.execute("delete from message where way <> 'mail'")
    with op.batch_alter_table("message") as batch:
        for column in ("copy_of", "target", "way"):
            batch.drop_column(column)
