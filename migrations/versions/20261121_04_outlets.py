"""Outlets, the regions they lie in, and who is responsible where."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0004_outlets"
down_revision = "0003_programmes"

NAMED = "name_zh IS NOT NULL OR name_en IS NOT NULL"


def upgrade() -> None:
    _create_places()
    _create_outlets()
    _create_duties()


def downgrade() -> None:
    for table in ("auditor_grants", "outlet_duties", "region_duties", "outlet_closures", "outlets"):
        op.drop_table(table)
    for table in ("region_ancestors", "regions", "tiers"):
        op.drop_table(table)


def _organisation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id"], ["organisations.id"], name=f"fk_{table}_organisation_id"
    )


def _within_organisation(table: str, column: str, target: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{target}.organisation_id", f"{target}.{key}"],
        name=f"fk_{table}_organisation_id_{column}",
    )


def _create_places() -> None:
    op.create_table(
        "tiers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=True),
        sa.Column("name_en", sa.String(200), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tiers"),
        _organisation("tiers"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_tiers_organisation_id_code"),
        sa.CheckConstraint(NAMED, name=op.f("ck_tiers_named")),
    )
    op.create_table(
        "regions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=True),
        sa.Column("name_en", sa.String(200), nullable=True),
        sa.Column("central_city", sa.Boolean(), nullable=False),
        sa.Column("jurisdiction", sa.String(20), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_regions"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_regions_organisation_id_code"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_regions_organisation_id_id"),
        _organisation("regions"),
        _within_organisation("regions", "parent_id", "regions"),
        sa.CheckConstraint(NAMED, name=op.f("ck_regions_named")),
    )
    op.create_index("ix_regions_parent_id", "regions", ["parent_id"])
    op.create_table(
        "region_ancestors",
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("ancestor_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("region_id", "ancestor_id", name="pk_region_ancestors"),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name="fk_region_ancestors_region_id"),
        sa.ForeignKeyConstraint(["ancestor_id"], ["regions.id"], name="fk_region_ancestors_ancestor_id"),
    )
    op.create_index(
        "ix_region_ancestors_ancestor_id_region_id", "region_ancestors", ["ancestor_id", "region_id"]
    )


def _create_outlets() -> None:
    op.create_table(
        "outlets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("name_zh", sa.String(200), nullable=True),
        sa.Column("name_en", sa.String(200), nullable=True),
        sa.Column("ownership", sa.String(40), nullable=False),
        sa.Column("brand", sa.String(200), nullable=True),
        sa.Column("tier", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("load_band", sa.String(40), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("datum", sa.String(40), nullable=True),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("opening_hours", Json, nullable=True),
        sa.Column("traffic_per_day", sa.Integer(), nullable=True),
        sa.Column("high_traffic", sa.Boolean(), nullable=False),
        sa.Column("required_languages", Json, nullable=False),
        sa.Column("community", sa.String(200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("succession", sa.String(40), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outlets"),
        sa.UniqueConstraint("organisation_id", "code", name="uq_outlets_organisation_id_code"),
        sa.UniqueConstraint("organisation_id", "id", name="uq_outlets_organisation_id_id"),
        _organisation("outlets"),
        _within_organisation("outlets", "region_id", "regions"),
        _within_organisation("outlets", "tier", "tiers", "code"),
        _within_organisation("outlets", "successor_id", "outlets"),
        sa.CheckConstraint(NAMED, name=op.f("ck_outlets_named")),
        sa.CheckConstraint("ownership IN ('own', 'agency', 'competitor')", name=op.f("ck_outlets_ownership")),
        sa.CheckConstraint("stage IN ('early', 'improved')", name=op.f("ck_outlets_stage")),
        sa.CheckConstraint("load_band IN ('high', 'low')", name=op.f("ck_outlets_load_band")),
        sa.CheckConstraint("datum IN ('wgs84', 'gcj02', 'bd09')", name=op.f("ck_outlets_datum")),
        sa.CheckConstraint(
            "succession IN ('moved', 'merged', 'renamed')", name=op.f("ck_outlets_succession")
        ),
        sa.CheckConstraint(
            "(latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (datum IS NULL)",
            name=op.f("ck_outlets_position"),
        ),
        sa.CheckConstraint(
            "(successor_id IS NULL) = (succession IS NULL)", name=op.f("ck_outlets_succession_why")
        ),
        sa.CheckConstraint(
            "successor_id IS NULL OR NOT active", name=op.f("ck_outlets_succeeded_is_inactive")
        ),
    )
    op.create_index("ix_outlets_region_id", "outlets", ["region_id"])
    op.create_index("ix_outlets_successor_id", "outlets", ["successor_id"])
    op.create_table(
        "outlet_closures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outlet_closures"),
        sa.UniqueConstraint(
            "outlet_id", "starts_on", "ends_on", name="uq_outlet_closures_outlet_id_starts_on_ends_on"
        ),
        _organisation("outlet_closures"),
        _within_organisation("outlet_closures", "outlet_id", "outlets"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_outlet_closures_in_order")),
    )


def _create_duties() -> None:
    op.create_table(
        "region_duties",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "region_id", name="pk_region_duties"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_region_duties_person_id"),
        _organisation("region_duties"),
        _within_organisation("region_duties", "region_id", "regions"),
    )
    op.create_index("ix_region_duties_region_id", "region_duties", ["region_id"])
    op.create_table(
        "outlet_duties",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "outlet_id", name="pk_outlet_duties"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_outlet_duties_person_id"),
        _organisation("outlet_duties"),
        _within_organisation("outlet_duties", "outlet_id", "outlets"),
    )
    op.create_index("ix_outlet_duties_outlet_id", "outlet_duties", ["outlet_id"])
    op.create_table(
        "auditor_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("outlet_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(1000), nullable=False),
        sa.Column("valid_until", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_auditor_grants"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_auditor_grants_person_id"),
        _organisation("auditor_grants"),
        _within_organisation("auditor_grants", "region_id", "regions"),
        _within_organisation("auditor_grants", "outlet_id", "outlets"),
        sa.CheckConstraint(
            "region_id IS NULL OR outlet_id IS NULL", name=op.f("ck_auditor_grants_one_scope")
        ),
    )
    op.create_index("ix_auditor_grants_person_id", "auditor_grants", ["person_id"])
    op.create_index("ix_auditor_grants_organisation_id", "auditor_grants", ["organisation_id"])
