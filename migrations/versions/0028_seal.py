"""The seal of the log: tree, heads, keys; append-only like the log."""

import sqlalchemy as sa
from alembic import op

import core.db
from core import seal

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "log_tree",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_tree")),
    )
    op.create_table(
        "log_sealed",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_log_sealed")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_log_leaf_stream_seq")),
    )
    op.create_table(
        "log_node",
        sa.Column("place", BIG, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_log_node")),
    )
    op.create_table(
        "log_head",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("at", core.db.Instant(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_head_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_log_head_day")),
    )
    op.create_table(
        "log_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("at", core.db.Instant(), nullable=False),
        sa.Column("endorsed_by", sa.Text(), nullable=True),
        sa.Column("endorsement", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_key")),
    )
    for statement in seal.triggers(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for table in ("log_key", "log_head_day", "log_head", "log_node", "log_leaf", "log_sealed", "log_tree"):
        op.drop_table(table)
