"""What can go wrong with programmes."""

from app.kit.problems import AlreadyExists, Problem


class ProgrammeNameTaken(AlreadyExists):
    type = "programme-name-taken"
    title = "Another programme of your organisation has this name"


CONSTRAINTS: dict[str, type[Problem]] = {
    "uq_programmes_organisation_id_name": ProgrammeNameTaken,
    "programmes.organisation_id, programmes.name": ProgrammeNameTaken,
}
