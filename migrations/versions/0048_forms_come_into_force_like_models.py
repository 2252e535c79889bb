"""Forms come into force and are taken back like models: who wrote a version, and a moment that may never come."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("form_version") as batch:
        batch.add_column(sa.Column("written_by", sa.Text(), nullable=True))
        batch.alter_column("in_force_from", existing_type=core.db.Instant(), nullable=True)


def downgrade() -> None:
    op.execute("delete from form_version where in_force_from is null")
    with op.batch_alter_table("form_version") as batch:
        batch.drop_column("written_by")
        batch.alter_column("in_force_from", existing_type=core.db.Instant(), nullable=False)
