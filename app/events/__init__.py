"""What happened, one row each, in the transaction in which it happened: webhooks, inboxes and syncs read it."""
