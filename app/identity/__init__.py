"""People, their roles, how they prove who they are, and the devices they carry."""
