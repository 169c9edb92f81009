"""What can go wrong with recording devices."""

from app.kit.problems import AlreadyExists, Conflict, Problem


class DeviceCodeTaken(AlreadyExists):
    type = "device-code-taken"
    title = "Another recording device of your organisation has this code"


class CustodyRefused(Conflict):
    type = "custody-refused"
    title = "The device cannot change hands like this (D6.7)"
    # members: rule, holder_id, since


class DeviceHeld(Conflict):
    type = "device-held"
    title = "Somebody holds the device: take it back first"


class CannotHold(Conflict):
    type = "cannot-hold-devices"
    title = "Devices are handed to active inspectors of your organisation"


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_recording_devices_organisation_id_code": DeviceCodeTaken,
    "recording_devices.organisation_id, recording_devices.code": DeviceCodeTaken,
    "ex_device_custody_one_holder": CustodyRefused,
}
