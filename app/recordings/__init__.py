"""Evidence: uploads, processing, renditions, and the ledger of every play."""
