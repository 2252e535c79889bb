"""A kept version of a draft says everybody who wrote a part of it, as the draft does."""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_draft_copy", sa.Column("authors", core.db.Json, nullable=False, server_default="[]"))
    copy = sa.table("model_draft_copy", sa.column("id"), sa.column("author"), sa.column("authors", core.db.Json))
    db = op.get_bind()
    for copy_id, author in db.execute(sa.select(copy.c.id, copy.c.author)).all():
        db.execute(sa.update(copy).where(copy.c.id == copy_id).values(authors=[author]))
    with op.batch_alter_table("model_draft_copy") as batch:
        batch.alter_column("authors", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("model_draft_copy") as batch:
        batch.drop_column("authors")
