"""Reminder rules by two coordinators, what is chased until it is done, what each reader chose, addresses that are dead;
which mail carries a notice, and what a notice speaks of."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_rules()
    _make_chases()
    op.create_table(
        "mail_choice",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("singly", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.Text(), nullable=True),
        sa.Column("quiet_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_choice")),
    )
    op.create_table(
        "dead_address",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("mail", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("at", core.db.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_dead_address")),
    )
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminders", sa.String(), nullable=True))
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("mail", sa.String(), nullable=True))
    op.create_index(op.f("ix_notice_about"), "notice", ["about"])
    op.create_index(op.f("ix_notice_mail"), "notice", ["mail"])
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ready_at", core.db.Instant(), nullable=True))
    op.create_index(op.f("ix_message_about"), "message", ["about"])
    op.execute("UPDATE message SET ready_at = promised_at")


def _make_rules() -> None:
    op.create_table(
        "reminder_rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("facts", core.db.Json, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", core.db.Instant(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", core.db.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_rule")),
        sa.UniqueConstraint("what", "version", name=op.f("uq_reminder_rule_what_version")),
    )
    op.create_index(op.f("ix_reminder_rule_what"), "reminder_rule", ["what"])
    only = sa.text("status = 'open'")
    op.create_index(
        "uq_reminder_rule_open", "reminder_rule", ["what"], unique=True, sqlite_where=only, postgresql_where=only
    )


def _make_chases() -> None:
    op.create_table(
        "chase",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("next_at", core.db.Instant(), nullable=False),
        sa.Column("told_at", core.db.Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("snoozed_until", core.db.Instant(), nullable=True),
        sa.Column("snoozed_by", sa.Text(), nullable=True),
        sa.Column("snooze_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_chase")),
    )
    op.create_index(op.f("ix_chase_next_at"), "chase", ["next_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_message_about"), table_name="message")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("ready_at")
    for name in ("about", "mail"):
        op.drop_index(op.f(f"ix_notice_{name}"), table_name="notice")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_column("mail")
        batch_op.drop_column("about")
    with op.batch_alter_table("user_task", schema=None) as batch_op:
        batch_op.drop_column("reminders")
    for table in ("dead_address", "mail_choice", "chase", "reminder_rule"):
        op.drop_table(table)
