"""Running instances on their way to another version of their process, and back."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "move",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String(), nullable=False),
        sa.Column("business_key", sa.String(), nullable=False),
        sa.Column("from_id", sa.String(), nullable=False),
        sa.Column("to_id", sa.String(), nullable=False),
        sa.Column("mapping", core.db.Json, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("params", core.db.Json, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", core.db.Instant(), nullable=False),
        sa.Column("moved_at", core.db.Instant(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.Column("undone_at", core.db.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["definition.id"], name=op.f("fk_move_from_id_definition")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_move_instance_id_instance")),
        sa.ForeignKeyConstraint(["to_id"], ["definition.id"], name=op.f("fk_move_to_id_definition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
    )
    op.create_index(op.f("ix_move_batch"), "move", ["batch"])
    op.create_index(op.f("ix_move_instance_id"), "move", ["instance_id"])
    op.create_index("ix_move_status_asked", "move", ["status", "asked_at"])


def downgrade() -> None:
    op.drop_table("move")
