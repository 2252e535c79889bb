"""The rota of calls with its swaps, calls offered to colleagues, bodies, agreements, the register of lead bodies."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

REGISTER = ("lead_kind", "register_section", "register_number")


def upgrade() -> None:
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_at", core.db.Instant(), nullable=True))
    with op.batch_alter_table("referent", schema=None) as batch_op:
        batch_op.add_column(sa.Column("protocol", sa.Text(), nullable=True))
    with op.batch_alter_table("post", schema=None) as batch_op:
        for name in REGISTER:
            batch_op.add_column(sa.Column(name, sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("register_checked_on", sa.Date(), nullable=True))
    _make_rota()
    _make_directory()


def _make_rota() -> None:
    op.create_table(
        "shift_swap",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("in_return", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_of", sa.Text(), nullable=False),
        sa.Column("asked_at", core.db.Instant(), nullable=False),
        sa.Column("answered_at", core.db.Instant(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["shift"], ["on_call.id"], name=op.f("fk_shift_swap_shift_on_call")),
        sa.ForeignKeyConstraint(["in_return"], ["on_call.id"], name=op.f("fk_shift_swap_in_return_on_call")),
        sa.ForeignKeyConstraint(["asked_by"], ["user.id"], name=op.f("fk_shift_swap_asked_by_user")),
        sa.ForeignKeyConstraint(["asked_of"], ["user.id"], name=op.f("fk_shift_swap_asked_of_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_swap")),
    )
    for name in ("shift", "asked_by", "asked_of"):
        op.create_index(op.f(f"ix_shift_swap_{name}"), "shift_swap", [name])
    op.create_table(
        "call_offer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact_code", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("from_user", sa.Text(), nullable=False),
        sa.Column("to_user", sa.Text(), nullable=True),
        sa.Column("offered_at", core.db.Instant(), nullable=False),
        sa.Column("answer_by", core.db.Instant(), nullable=False),
        sa.Column("answered_at", core.db.Instant(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["contact_code"], ["contact.code"], name=op.f("fk_call_offer_contact_code_contact")),
        sa.ForeignKeyConstraint(["post"], ["post.code"], name=op.f("fk_call_offer_post_post")),
        sa.ForeignKeyConstraint(["from_user"], ["user.id"], name=op.f("fk_call_offer_from_user_user")),
        sa.ForeignKeyConstraint(["to_user"], ["user.id"], name=op.f("fk_call_offer_to_user_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_offer")),
    )
    for name in ("contact_code", "post", "to_user", "outcome"):
        op.create_index(op.f(f"ix_call_offer_{name}"), "call_offer", [name])


def _make_directory() -> None:
    words = ("role", "phone", "mail", "pec", "availability", "protocol")
    op.create_table(
        "body",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=True) for name in words),
        sa.Column("provinces", core.db.Json, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("verified_by", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", core.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_body_code_version")),
    )
    op.create_index(op.f("ix_body_code"), "body", ["code"])
    op.create_table(
        "agreement",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("bodies", core.db.Json, nullable=False),
        sa.Column("others", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("renews", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("written_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["post"], ["post.code"], name=op.f("fk_agreement_post_post")),
        sa.ForeignKeyConstraint(["renews"], ["agreement.id"], name=op.f("fk_agreement_renews_agreement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("renews", name=op.f("uq_agreement_renews")),
    )
    for name in ("post", "expires_on"):
        op.create_index(op.f(f"ix_agreement_{name}"), "agreement", [name])


def downgrade() -> None:
    for table in ("agreement", "body", "call_offer", "shift_swap"):
        op.drop_table(table)
    with op.batch_alter_table("post", schema=None) as batch_op:
        for name in (*REGISTER, "register_checked_on"):
            batch_op.drop_column(name)
    with op.batch_alter_table("referent", schema=None) as batch_op:
        batch_op.drop_column("protocol")
    with op.batch_alter_table("on_call", schema=None) as batch_op:
        batch_op.drop_column("removed_at")
