"""What is known of a case: province, minor, citizen of the Union; null is "non noto"."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("province", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("minor", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("eu_citizen", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_column("eu_citizen")
        batch_op.drop_column("minor")
        batch_op.drop_column("province")
