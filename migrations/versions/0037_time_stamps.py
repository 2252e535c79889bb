"""What an authority of time stamps said of the heads of the sealed log."""

import sqlalchemy as sa
from alembic import op

import core.db
from core import seal

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_stamp",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", core.db.Instant(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_stamp")),
    )
    for statement in seal.triggers(op.get_bind().dialect.name, ("log_stamp",)):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("log_stamp")
