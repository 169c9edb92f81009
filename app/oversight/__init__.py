"""Reading the audit trail: who changed what, for those who may know it, and whether anybody meddled with it."""
