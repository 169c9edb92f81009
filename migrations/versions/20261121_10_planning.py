"""Tables of planning: who can work when, what a month asks for, and plans."""

import sqlalchemy as sa
from alembic import op

from app.kit.orm import Json, UTCDateTime

revision = "0010_planning"
down_revision = "0009_review"


def upgrade() -> None:
    op.create_table(
        "inspector_leave",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_inspector_leave_in_order")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name="fk_inspector_leave_created_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_inspector_leave_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_inspector_leave_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inspector_leave"),
    )
    op.create_index(
        "ix_inspector_leave_organisation_id", "inspector_leave", ["organisation_id", "ends_on"], unique=False
    )
    op.create_index(
        "ix_inspector_leave_person_id", "inspector_leave", ["person_id", "starts_on", "id"], unique=False
    )
    op.create_table(
        "inspector_profiles",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("home_latitude", sa.Double(), nullable=False),
        sa.Column("home_longitude", sa.Double(), nullable=False),
        sa.Column(
            "home_datum",
            sa.Enum(
                "wgs84",
                "gcj02",
                "bd09",
                name="home_datum",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("reach_minutes", sa.Integer(), nullable=True),
        sa.Column("shifts", Json, nullable=False),
        sa.Column("days_per_week", sa.Integer(), nullable=False),
        sa.Column("visits_per_day", sa.Integer(), nullable=False),
        sa.Column("max_day_minutes", sa.Integer(), nullable=False),
        sa.Column("languages", Json, nullable=False),
        sa.Column("communities", Json, nullable=False),
        sa.Column("certificates", Json, nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("active_until", sa.Date(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "active_until IS NULL OR active_until >= active_from",
            name=op.f("ck_inspector_profiles_active_span"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "region_id"],
            ["regions.organisation_id", "regions.id"],
            name="fk_inspector_profiles_organisation_id_region_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_inspector_profiles_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_inspector_profiles_person_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_inspector_profiles"),
    )
    op.create_index(
        "ix_inspector_profiles_organisation_id",
        "inspector_profiles",
        ["organisation_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "planning_settings",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("rules", Json, nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_planning_settings_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name="fk_planning_settings_programme_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", name="pk_planning_settings"),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("repairs_id", sa.Uuid(), nullable=True),
        sa.Column("frozen_until", sa.Date(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("iterations", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "solving",
                "draft",
                "failed",
                "publishing",
                "published",
                "superseded",
                "discarded",
                name="plan_state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("stop_requested", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("costs", Json, nullable=True),
        sa.Column("measures", Json, nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(seconds IS NULL) <> (iterations IS NULL)", name=op.f("ck_plans_one_budget")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name="fk_plans_created_by"),
        sa.ForeignKeyConstraint(
            ["organisation_id", "region_id"],
            ["regions.organisation_id", "regions.id"],
            name="fk_plans_organisation_id_region_id",
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_plans_organisation_id"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_plans_programme_id"),
        sa.ForeignKeyConstraint(["published_by"], ["people.id"], name="fk_plans_published_by"),
        sa.ForeignKeyConstraint(["repairs_id"], ["plans.id"], name="fk_plans_repairs_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
    )
    op.create_index(
        "ix_plans_organisation_id", "plans", ["organisation_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "demand_overrides",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("visits BETWEEN 0 AND 31", name=op.f("ck_demand_overrides_visits")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "outlet_id"],
            ["outlets.organisation_id", "outlets.id"],
            name="fk_demand_overrides_organisation_id_outlet_id",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_demand_overrides_organisation_id"
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_demand_overrides_programme_id"),
        sa.ForeignKeyConstraint(["set_by"], ["people.id"], name="fk_demand_overrides_set_by"),
        sa.PrimaryKeyConstraint("programme_id", "month", "outlet_id", name="pk_demand_overrides"),
    )
    op.create_table(
        "plan_instances",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_instances_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plan_instances"),
    )
    op.create_table(
        "plan_progress",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("iterations", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.Double(), nullable=True),
        sa.Column("unserved", sa.Integer(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_progress_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", name="pk_plan_progress"),
    )
    op.create_table(
        "plan_routes",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("route_on", sa.Date(), nullable=False),
        sa.Column("leaves_home_minute", sa.Integer(), nullable=False),
        sa.Column("returns_home_minute", sa.Integer(), nullable=False),
        sa.Column("travel_minutes", sa.Integer(), nullable=False),
        sa.Column("stops", Json, nullable=False),
        sa.ForeignKeyConstraint(["inspector_id"], ["people.id"], name="fk_plan_routes_inspector_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_plan_routes_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "inspector_id", "route_on", name="pk_plan_routes"),
    )
    op.create_table(
        "unserved_visits",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("fix", Json, nullable=True),
        sa.Column("sieve", Json, nullable=False),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_unserved_visits_outlet_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_unserved_visits_plan_id"),
        sa.PrimaryKeyConstraint("plan_id", "name", name="pk_unserved_visits"),
    )
    op.create_table(
        "planned_visits",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("outlet_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("covert", "overt", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(length=64), nullable=True),
        sa.Column("inspectors", Json, nullable=False),
        sa.Column("backups", Json, nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("arrives_minute", sa.Integer(), nullable=False),
        sa.Column("leaves_minute", sa.Integer(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_planned_visits_outlet_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name="fk_planned_visits_plan_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_planned_visits_visit_id"),
        sa.PrimaryKeyConstraint("plan_id", "name", name="pk_planned_visits"),
    )
    op.create_index("ix_planned_visits_visit_id", "planned_visits", ["visit_id"], unique=False)


def downgrade() -> None:
    op.drop_table("planned_visits")
    op.drop_table("unserved_visits")
    op.drop_table("plan_routes")
    op.drop_table("plan_progress")
    op.drop_table("plan_instances")
    op.drop_table("demand_overrides")
    op.drop_table("plans")
    op.drop_table("planning_settings")
    op.drop_table("inspector_profiles")
    op.drop_table("inspector_leave")
