"""How long what is kept: classes with their start events, legal holds, deletion, and the proof of it (D10.4).

What goes, and what stays: bytes go (originals, renditions, thumbnails, unfinished uploads), and of rows positions and drafts.
Rows of history stay as they are, for nothing in them may change: they hold ids, hashes, codes and decisions, and the words
people wrote for the report. The ledger of plays, the audit trail and the tombstones are never shortened: three years is the
least the law asks for, and a chain without its beginning proves nothing.
"""
