"""Tombstones of what belongs to no recording: files of appeals and actions, and editions of bulletins."""

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

from app.kit import guards
from app.kit.orm import Json, UTCDateTime

revision = "0028_file_retention"
down_revision = "0027_bulletins"

OLD_CLASSES = ("raw_recording", "rendition", "unfinished_upload", "field_trace")
OLD_STARTS = ("final_decision", "publication")
OLD_CHECKS = {"retention_class": OLD_CLASSES, "start_event": OLD_STARTS}
CHECKS = {
    "retention_class": (*OLD_CLASSES, "case_file", "bulletin"),
    "start_event": (*OLD_STARTS, "case_closed", "ready"),
}
SUBJECTS = {"case_file_id": "case_files", "bulletin_id": "bulletins"}
OF_SOMETHING = "(visit_id IS NULL) = (bulletin_id IS NOT NULL)"
# Dropped and made again: SQLite rebuilds the table.
PLAIN_INDEXES = {
    "ix_tombstones_organisation_id_decided_at": ["organisation_id", "decided_at", "id"],
    "ix_tombstones_visit_id": ["visit_id"],
}
OLD_UNIQUE = {"recording_id": "recording_id IS NOT NULL", "visit_id": "recording_id IS NULL"}
UNIQUE = {
    "recording_id": "recording_id IS NOT NULL",
    "case_file_id": "case_file_id IS NOT NULL",
    "bulletin_id": "bulletin_id IS NOT NULL",
    "visit_id": "recording_id IS NULL AND case_file_id IS NULL AND bulletin_id IS NULL",
}


def upgrade() -> None:
    op.add_column("case_files", sa.Column("sha256", sa.String(length=64), nullable=True))
    op.add_column("case_files", sa.Column("erased_at", UTCDateTime(), nullable=True))
    _drop_indexes(OLD_UNIQUE)
    _columns()
    _indexes(UNIQUE)


def downgrade() -> None:
    """Raises RuntimeError while there are tombstones the release before has no words for: proofs are not deleted (D10.4)."""
    strange = op.get_bind().scalar(
        sa.text("SELECT count(*) FROM tombstones WHERE case_file_id IS NOT NULL OR bulletin_id IS NOT NULL")
    )
    if strange:
        raise RuntimeError(f"{strange} tombstones of files and bulletins would be lost: stay on this release")
    guards.lift(op.get_bind())
    _drop_indexes(UNIQUE)
    with op.batch_alter_table("tombstones", copy_from=_after()) as batch:
        batch.drop_constraint(op.f("ck_tombstones_of_something"), type_="check")
        for column, values in OLD_CHECKS.items():
            batch.drop_constraint(op.f(f"ck_tombstones_{column}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_tombstones_{column}"), _one_of(column, values))
        for column in SUBJECTS:
            batch.drop_constraint(f"fk_tombstones_{column}", type_="foreignkey")
            batch.drop_column(column)
        batch.alter_column("visit_id", existing_type=sa.Uuid(), nullable=False)
    _indexes(OLD_UNIQUE)
    op.drop_column("case_files", "erased_at")
    op.drop_column("case_files", "sha256")


def _columns() -> None:
    with op.batch_alter_table("tombstones", copy_from=_before()) as batch:
        batch.alter_column("visit_id", existing_type=sa.Uuid(), nullable=True)
        for column, table in SUBJECTS.items():
            batch.add_column(sa.Column(column, sa.Uuid(), nullable=True))
            batch.create_foreign_key(f"fk_tombstones_{column}", table, [column], ["id"])
        for column, values in CHECKS.items():
            batch.drop_constraint(op.f(f"ck_tombstones_{column}"), type_="check")
            batch.create_check_constraint(op.f(f"ck_tombstones_{column}"), _one_of(column, values))
        batch.create_check_constraint(op.f("ck_tombstones_of_something"), OF_SOMETHING)


def _drop_indexes(unique: Mapping[str, str]) -> None:
    for name in (*PLAIN_INDEXES, "ix_tombstones_undone", *(f"uq_tombstones_{column}" for column in unique)):
        op.drop_index(name, table_name="tombstones")


def _indexes(unique: Mapping[str, str]) -> None:
    for name, columns in PLAIN_INDEXES.items():
        op.create_index(name, "tombstones", columns)
    undone = sa.text("deleted_at IS NULL")
    op.create_index(
        "ix_tombstones_undone", "tombstones", ["decided_at"], sqlite_where=undone, postgresql_where=undone
    )
    for column, condition in unique.items():
        where = sa.text(condition)
        op.create_index(
            f"uq_tombstones_{column}",
            "tombstones",
            [column, "retention_class"],
            unique=True,
            sqlite_where=where,
            postgresql_where=where,
        )


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _before() -> sa.Table:
    """As revision 24 made it: SQLite cannot tell its constraints."""
    return _table(OLD_CHECKS)


def _after() -> sa.Table:
    return _table(
        CHECKS,
        *(sa.Column(column, sa.Uuid(), nullable=True) for column in SUBJECTS),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_tombstones_{column}")
            for column, table in SUBJECTS.items()
        ),
        sa.CheckConstraint(OF_SOMETHING, name="ck_tombstones_of_something"),
        visit_id_nullable=True,
    )


def _table(
    checks: Mapping[str, tuple[str, ...]], *more: sa.schema.SchemaItem, visit_id_nullable: bool = False
) -> sa.Table:
    return sa.Table(
        "tombstones",
        sa.MetaData(),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=visit_id_nullable),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("retention_class", sa.String(length=40), nullable=False),
        sa.Column("start_event", sa.String(length=40), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("files", Json, nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        *(
            sa.CheckConstraint(_one_of(column, values), name=f"ck_tombstones_{column}")
            for column, values in checks.items()
        ),
        sa.CheckConstraint("days >= 1", name="ck_tombstones_some_days"),
        sa.CheckConstraint("decided_at >= started_at", name="ck_tombstones_after_its_start"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_tombstones_organisation_id"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_tombstones_programme_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_tombstones_visit_id"),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_tombstones_recording_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tombstones"),
        *more,
    )
