"""Tables of rotation."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import UTCDateTime

revision = "0006_rotation"
down_revision = "0005_checklists"


def upgrade() -> None:
    op.create_table(
        "covert_bars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(
                "overt", "recognised", name="cause", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["inspector_id"], ["people.id"], name="fk_covert_bars_inspector_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_covert_bars_organisation_id"
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_covert_bars_outlet_id"),
        sa.PrimaryKeyConstraint("id", name="pk_covert_bars"),
    )
    op.create_index("ix_covert_bars_pair", "covert_bars", ["inspector_id", "outlet_id"], unique=False)
    op.create_table(
        "rotation_waivers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("visit_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Uuid(), nullable=False),
        sa.Column("granted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["granted_by"], ["people.id"], name="fk_rotation_waivers_granted_by"),
        sa.ForeignKeyConstraint(["inspector_id"], ["people.id"], name="fk_rotation_waivers_inspector_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_rotation_waivers_organisation_id"
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_rotation_waivers_outlet_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rotation_waivers"),
    )
    op.create_index(
        "ix_rotation_waivers_organisation_id",
        "rotation_waivers",
        ["organisation_id", "granted_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_rotation_waivers_pair", "rotation_waivers", ["inspector_id", "place", "visit_on"], unique=False
    )
    op.create_table(
        "exposures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "planned",
                "entered",
                "imported",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("blocked_until", sa.Date(), nullable=False),
        sa.Column("guard_from", sa.Date(), nullable=True),
        sa.Column("guard_until", sa.Date(), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("waiver_id", sa.Uuid(), nullable=True),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("released_because", sa.String(length=80), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(guard_from IS NULL) = (guard_until IS NULL)", name=op.f("ck_exposures_guard_is_whole")
        ),
        sa.CheckConstraint("blocked_until >= visited_on", name=op.f("ck_exposures_blocks_forward")),
        sa.CheckConstraint("counts = (released_at IS NULL)", name=op.f("ck_exposures_released_or_counts")),
        sa.CheckConstraint("counts OR guard_from IS NULL", name=op.f("ck_exposures_released_guards_nothing")),
        sa.CheckConstraint(
            "guard_from IS NULL OR guard_until >= guard_from", name=op.f("ck_exposures_guard_is_forward")
        ),
        sa.ForeignKeyConstraint(["inspector_id"], ["people.id"], name="fk_exposures_inspector_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_exposures_organisation_id"
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_exposures_outlet_id"),
        sa.ForeignKeyConstraint(["waiver_id"], ["rotation_waivers.id"], name="fk_exposures_waiver_id"),
        sa.PrimaryKeyConstraint("id", name="pk_exposures"),
        sa.UniqueConstraint("waiver_id", name="uq_exposures_waiver_id"),
    )
    op.create_index("ix_exposures_outlet_id", "exposures", ["outlet_id", "visited_on"], unique=False)
    op.create_index("ix_exposures_pair", "exposures", ["inspector_id", "place", "visited_on"], unique=False)
    op.create_index(
        "uq_exposures_person_per_visit",
        "exposures",
        ["visit_id", "inspector_id"],
        unique=True,
        sqlite_where=sa.text("counts"),
        postgresql_where=sa.text("counts"),
    )


def downgrade() -> None:
    op.drop_table("exposures")
    op.drop_table("rotation_waivers")
    op.drop_table("covert_bars")
