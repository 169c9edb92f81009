"""Which weights an outlet is judged by (D2.2)."""

from app.checklists.document import Document, Load, Profile, Stage
from app.checklists.problems import TierUnknown, WeightsMissing


def tiers(document: Document) -> tuple[str, ...]:
    """The tiers the document has weights for, in the order it names them."""
    return tuple(dict.fromkeys(profile.tier for profile in document.profiles if profile.tier))


def choose_profile(
    document: Document, *, tier: str | None = None, stage: Stage | None = None, load: Load | None = None
) -> Profile | None:
    """The profile that fits most closely: tier counts before stage, stage before load.

    A profile fits when each axis it names is the outlet's. So an outlet without a stage or load band gets its
    tier's profile, and one without a tier the profile that names none, which every document with fixed
    weights has. None only where the mode needs no weights and the document has no profile that fits.

    Raises TierUnknown for a tier that no profile names, if any profile names one: a misspelt tier must not
    be judged by other weights in silence.
    """
    known = tiers(document)
    if tier is not None and known and tier not in known:
        raise TierUnknown(f"{document.id} has no weights for the tier {tier!r}; it has {', '.join(known)}")
    fitting = [
        profile
        for profile in document.profiles
        if profile.tier in {None, tier} and profile.stage in {None, stage} and profile.load in {None, load}
    ]
    if not fitting:
        if document.mode == "points_pool":
            return None
        raise WeightsMissing(
            f"{document.id} has no weight profile for an outlet without tier, stage and load"
        )
    return max(
        fitting, key=lambda each: (each.tier is not None, each.stage is not None, each.load is not None)
    )
