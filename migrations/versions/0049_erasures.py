"""What was kept long enough goes when two people agree; a stay that is over may forget its house."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("retention_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["retention_id"], ["retention.id"], name=op.f("fk_erasure_retention_id_retention")
        ),
        sa.PrimaryKeyConstraint("retention_id", name=op.f("pk_erasure")),
    )
    for table in ("placement", "address_reveal"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("shelter", existing_type=sa.Text(), nullable=True)


def downgrade() -> None:
    for table in ("placement", "address_reveal"):
        op.execute(f"delete from {table} where shelter is null")  # noqa: S608 - the two names above
        with op.batch_alter_table(table) as batch:
            batch.alter_column("shelter", existing_type=sa.Text(), nullable=False)
    op.drop_table("erasure")
