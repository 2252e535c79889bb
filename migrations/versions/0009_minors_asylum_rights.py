"""Minors and who consents for them; asylum, compensation, complaints, the way home."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaint",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("informed_on", sa.Date(), nullable=False),
        sa.Column("legal_aid", sa.Text(), nullable=True),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("chosen_on", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_complaint_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_case_code"), ["case_code"], unique=False)

    op.create_table(
        "minor",
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("guardian_on", sa.Date(), nullable=True),
        sa.Column("age_status", sa.Text(), nullable=False),
        sa.Column("margin", sa.Double(), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=True),
        sa.Column("decree_on", sa.Date(), nullable=True),
        sa.Column("complaint_on", sa.Date(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("eighteen_on", sa.Date(), nullable=True),
        sa.Column("prosieguo_asked_on", sa.Date(), nullable=True),
        sa.Column("prosieguo_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_minor_case_code_case_file")),
        sa.PrimaryKeyConstraint("case_code", name=op.f("pk_minor")),
    )
    op.create_table(
        "asylum_referral",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("interviews", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("report_version", sa.Integer(), nullable=True),
        sa.Column("communication_id", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("appealed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_asylum_referral_case_code_case_file")),
        sa.ForeignKeyConstraint(
            ["communication_id"], ["communication.id"], name=op.f("fk_asylum_referral_communication_id_communication")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asylum_referral")),
    )
    with op.batch_alter_table("asylum_referral", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_asylum_referral_case_code"), ["case_code"], unique=False)

    op.create_table(
        "compensation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("event_on", sa.Date(), nullable=False),
        sa.Column("term_id", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("already_received", sa.Integer(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("communication_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("granted", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_compensation_case_code_case_file")),
        sa.ForeignKeyConstraint(
            ["communication_id"], ["communication.id"], name=op.f("fk_compensation_communication_id_communication")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compensation")),
    )
    with op.batch_alter_table("compensation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_compensation_case_code"), ["case_code"], unique=False)

    op.create_table(
        "voluntary_return",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("communication_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("followed_up_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_code"], ["case_file.code"], name=op.f("fk_voluntary_return_case_code_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["communication_id"], ["communication.id"], name=op.f("fk_voluntary_return_communication_id_communication")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voluntary_return")),
    )
    with op.batch_alter_table("voluntary_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_voluntary_return_case_code"), ["case_code"], unique=False)

    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("age_doubt", sa.Boolean(), nullable=True))

    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_by", sa.Text(), server_default="person", nullable=False))
        batch_op.add_column(sa.Column("assent", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_column("assent")
        batch_op.drop_column("given_by")

    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_column("age_doubt")

    with op.batch_alter_table("voluntary_return", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_voluntary_return_case_code"))

    op.drop_table("voluntary_return")
    with op.batch_alter_table("compensation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_compensation_case_code"))

    op.drop_table("compensation")
    with op.batch_alter_table("asylum_referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_asylum_referral_case_code"))

    op.drop_table("asylum_referral")
    op.drop_table("minor")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_complaint_case_code"))

    op.drop_table("complaint")
