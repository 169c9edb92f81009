"""`plainclothes ledger`: who played which recording, in a chain that shows tampering (D10.3)."""

from app.cli.chains import commands
from app.recordings.ledger import PLAYS

app = commands(PLAYS, of="the ledger of plays")
