"""An S3 server for one machine: OpenStack Swift with its S3 API, in one process of its own.

Deliberately empty: the server's process must patch the standard library for eventlet before it imports
anything else, and importing a package runs its `__init__` first. Use `supervisor.EmbeddedS3` from our process.
"""
