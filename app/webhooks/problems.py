"""What can go wrong with webhooks."""

from app.kit.problems import Conflict, Invalid


class AddressRefused(Invalid):
    type = "webhook-address-refused"
    title = "Webhooks go to public https addresses only"


class ScopeMissing(Invalid):
    type = "webhook-scope-missing"
    title = "Supervisors and reviewers see regions, outlet managers outlets: name them"


class KindsNotForRole(Invalid):
    type = "webhook-kinds-not-for-role"
    title = "A subscriber with this role's eyes may not be told of these kinds"  # they are in `kinds`


class WebhookIsOff(Conflict):
    type = "webhook-is-off"
    title = "The subscriber is switched off: switch it on first"


class OutOfSight(Conflict):
    type = "webhook-message-out-of-sight"
    title = "The subscriber may not be told of this any more: its kinds, role or scope were changed"
