"""`python -m app.kit.embedded_s3 DIR`: the server's own process."""

import warnings

# It speaks to those who choose a framework; Swift has chosen, and nothing of ours runs on it.
warnings.filterwarnings("ignore", message="\nEventlet is deprecated")

import eventlet  # noqa: E402

# Before every other import: what is imported earlier keeps the blocking sockets and locks.
# The same parts as Swift's own daemons patch.
eventlet.monkey_patch(all=False, socket=True, select=True, thread=True)

from app.kit.embedded_s3.command import main  # noqa: E402

if __name__ == "__main__":
    main()
