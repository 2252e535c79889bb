"""Reports by others: received, confirmed, evaluated, answered; who reports is sealed apart."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report",
        sa.Column("contact_code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("evaluated_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("recorded_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["contact_code"], ["contact.code"], name=op.f("fk_report_contact_code_contact")),
        sa.PrimaryKeyConstraint("contact_code", name=op.f("pk_report")),
    )


def downgrade() -> None:
    op.drop_table("report")
