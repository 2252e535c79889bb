"""Everybody who wrote a part of a draft is kept, for none of them may confirm it."""

import sqlalchemy as sa
from alembic import op

import core.db

STREAMS = {"process": "model", "decision": "decision", "form": "form"}
ENDS = ("draft.confirmed", "draft.discarded")

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_draft", sa.Column("authors", core.db.Json, nullable=False, server_default="[]"))
    draft = sa.table(
        "model_draft", sa.column("kind"), sa.column("key"), sa.column("author"), sa.column("authors", core.db.Json)
    )  # fmt: skip
    line = sa.table("log_line", sa.column("id"), sa.column("stream"), sa.column("verb"), sa.column("actor"))
    db = op.get_bind()
    for kind, key, author in db.execute(sa.select(draft.c.kind, draft.c.key, draft.c.author)).all():
        stream = f"{STREAMS.get(kind, kind)}:{key}"
        over = sa.select(sa.func.max(line.c.id)).where(line.c.stream == stream, line.c.verb.in_(ENDS)).scalar_subquery()
        saved = sa.select(line.c.actor).where(line.c.stream == stream, line.c.verb == "draft.saved")
        found = {author, *db.scalars(saved.where(line.c.id > sa.func.coalesce(over, 0)))}
        mine = (draft.c.kind == kind) & (draft.c.key == key)
        db.execute(sa.update(draft).where(mine).values(authors=sorted(found)))
    with op.batch_alter_table("model_draft") as batch:
        batch.alter_column("authors", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("model_draft") as batch:
        batch.drop_column("authors")
