"""Runs, their arrays, and uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables, each where it is missing: the first files had them before they had a revision."""
    known = set(sa.inspect(op.get_bind()).get_table_names())
    if "runs" not in known:
        op.create_table(
            "runs",
            sa.Column("id", sa.String(21), primary_key=True),
            sa.Column("canonical", sa.Text, nullable=False),
            sa.Column("parent", sa.String(21)),
            sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        )
    for name in {"arrays", "uploads"} - known:
        op.create_table(
            name,
            sa.Column("sha256", sa.String(64), primary_key=True),
            sa.Column("data", sa.LargeBinary, nullable=False),
        )
