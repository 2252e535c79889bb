"""Questions for the address of a house, and their answers."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0022"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_reveal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("shelter", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", core.db.Instant(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", core.db.Instant(), nullable=True),
        sa.Column("refusal_id", sa.Text(), nullable=True),
        sa.Column("until", core.db.Instant(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_address_reveal_case_code_case_file")),
        sa.ForeignKeyConstraint(["shelter"], ["shelter.code"], name=op.f("fk_address_reveal_shelter_shelter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_reveal")),
    )
    for column in ("asked_by", "case_code", "shelter"):
        op.create_index(op.f(f"ix_address_reveal_{column}"), "address_reveal", [column])


def downgrade() -> None:
    op.drop_table("address_reveal")
