"""Plans with their goals, courses, internships and work, exits with their follow-ups."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_exit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("exited_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("housing", sa.Text(), nullable=True),
        sa.Column("work", sa.Text(), nullable=True),
        sa.Column("permit", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("risk", sa.Text(), nullable=True),
        sa.Column("papers_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_case_exit_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_exit")),
    )
    with op.batch_alter_table("case_exit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_exit_case_code"), ["case_code"], unique=False)
        batch_op.create_index(
            "uq_case_exit_current",
            ["case_code"],
            unique=True,
            sqlite_where=sa.text("returned_on is null"),
            postgresql_where=sa.text("returned_on is null"),
        )

    op.create_table(
        "course",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("attendance", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_course_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_case_code"), ["case_code"], unique=False)
        batch_op.create_index(
            "uq_course_running",
            ["case_code", "level"],
            unique=True,
            sqlite_where=sa.text("ended_on is null"),
            postgresql_where=sa.text("ended_on is null"),
        )

    op.create_table(
        "internship",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("weekly_hours", sa.Integer(), nullable=True),
        sa.Column("allowance", sa.Integer(), nullable=True),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("insured", sa.Boolean(), nullable=True),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_internship_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_internship")),
    )
    with op.batch_alter_table("internship", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_internship_case_code"), ["case_code"], unique=False)

    op.create_table(
        "pei",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("autonomy", sa.Integer(), nullable=True),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", core.db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_code"], ["case_file.code"], name=op.f("fk_pei_case_code_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pei")),
        sa.UniqueConstraint("case_code", "version", name=op.f("uq_pei_case_code_version")),
    )
    with op.batch_alter_table("pei", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pei_case_code"), ["case_code"], unique=False)
        batch_op.create_index(
            "uq_pei_current",
            ["case_code"],
            unique=True,
            sqlite_where=sa.text("status = 'current'"),
            postgresql_where=sa.text("status = 'current'"),
        )

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("exit_id", sa.Text(), nullable=False),
        sa.Column("term_id", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("reached", sa.Boolean(), nullable=True),
        sa.Column("housing", sa.Text(), nullable=True),
        sa.Column("work", sa.Text(), nullable=True),
        sa.Column("safe", sa.Boolean(), nullable=True),
        sa.Column("exploited_again", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["exit_id"], ["case_exit.id"], name=op.f("fk_follow_up_exit_id_case_exit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("exit_id", "term_id", name=op.f("uq_follow_up_exit_id_term_id")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_exit_id"), ["exit_id"], unique=False)

    op.create_table(
        "internship_month",
        sa.Column("internship_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("absences", sa.Integer(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["internship_id"], ["internship.id"], name=op.f("fk_internship_month_internship_id_internship")
        ),
        sa.PrimaryKeyConstraint("internship_id", "month", name=op.f("pk_internship_month")),
    )
    op.create_table(
        "pei_goal",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("pei_id", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("by_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_on", sa.Date(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pei_id"], ["pei.id"], name=op.f("fk_pei_goal_pei_id_pei")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pei_goal")),
        sa.UniqueConstraint("pei_id", "area", name=op.f("uq_pei_goal_pei_id_area")),
    )
    with op.batch_alter_table("pei_goal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pei_goal_pei_id"), ["pei_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("pei_goal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pei_goal_pei_id"))

    op.drop_table("pei_goal")
    op.drop_table("internship_month")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_exit_id"))

    op.drop_table("follow_up")
    with op.batch_alter_table("pei", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_pei_current", sqlite_where=sa.text("status = 'current'"), postgresql_where=sa.text("status = 'current'")
        )
        batch_op.drop_index(batch_op.f("ix_pei_case_code"))

    op.drop_table("pei")
    with op.batch_alter_table("internship", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_internship_case_code"))

    op.drop_table("internship")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_course_running", sqlite_where=sa.text("ended_on is null"), postgresql_where=sa.text("ended_on is null")
        )
        batch_op.drop_index(batch_op.f("ix_course_case_code"))

    op.drop_table("course")
    with op.batch_alter_table("case_exit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_case_exit_current",
            sqlite_where=sa.text("returned_on is null"),
            postgresql_where=sa.text("returned_on is null"),
        )
        batch_op.drop_index(batch_op.f("ix_case_exit_case_code"))

    op.drop_table("case_exit")
