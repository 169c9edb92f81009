"""Every table of the product: what Alembic and the tests compare the database with."""

import importlib
import importlib.util
import pkgutil

import app
import app.kit.idempotency
from app.kit.orm import Base

FEATURES = sorted(module.name for module in pkgutil.iter_modules(app.__path__) if module.ispkg)


def _load() -> None:
    for feature in FEATURES:
        if importlib.util.find_spec(f"app.{feature}.models") is not None:
            importlib.import_module(f"app.{feature}.models")


_load()
metadata = Base.metadata
