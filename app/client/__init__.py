"""The reference client: how a device or another system brings recordings, readable by whoever writes one.

It knows the wire types and the rules of parts, and nothing of the server's inside.
"""
