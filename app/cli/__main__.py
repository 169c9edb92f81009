"""`python -m app.cli`: the same as `plainclothes`."""

from app.cli import main

main()
