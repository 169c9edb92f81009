"""What can go wrong with outlets, regions and duties."""

from http import HTTPStatus

from app.kit.problems import AlreadyExists, Conflict, Invalid, Problem


class OutletCodeTaken(AlreadyExists):
    type = "outlet-code-taken"
    title = "Another outlet of your organisation has this code"


class RegionCodeTaken(AlreadyExists):
    type = "region-code-taken"
    title = "Another region of your organisation has this code"


class ClosureExists(AlreadyExists):
    type = "closure-exists"
    title = "The outlet is closed on exactly these days already"


class TooManyClosures(Conflict):
    type = "too-many-closures"
    title = "Remove closures that are over before adding more"


class UnknownTier(Problem):
    type = "unknown-tier"
    title = "This is not one of your organisation's tiers"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class InUse(Conflict):
    type = "in-use"
    title = "Something still refers to it"


class RegionCycle(Conflict):
    type = "region-cycle"
    title = "A region cannot lie below itself"


class SuccessionBroken(Conflict):
    type = "succession-broken"
    title = "An outlet can be succeeded once, by another active one"


class DutyNeedsRole(Conflict):
    type = "duty-needs-role"
    title = "The person does not hold a role this duty is for"


class ImportRefused(Invalid):
    type = "import-refused"
    title = "Some rows are wrong, so nothing was imported"
    # members: rows (how many were read), errors: [{row, column, message}]


# SQLite names the columns of a unique constraint, and for a foreign key nothing: those are checked before.
CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_outlets_organisation_id_code": OutletCodeTaken,
    "outlets.organisation_id, outlets.code": OutletCodeTaken,
    "uq_regions_organisation_id_code": RegionCodeTaken,
    "regions.organisation_id, regions.code": RegionCodeTaken,
    "uq_outlet_closures_outlet_id_starts_on_ends_on": ClosureExists,
    "outlet_closures.outlet_id, outlet_closures.starts_on": ClosureExists,
    "fk_outlets_organisation_id_tier": UnknownTier,
    "fk_outlets_organisation_id_region_id": InUse,
    "fk_regions_organisation_id_parent_id": InUse,
    "fk_region_duties_organisation_id_region_id": InUse,
    "fk_auditor_grants_organisation_id_region_id": InUse,
}
