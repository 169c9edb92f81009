"""Every table of the product: what Alembic and the tests compare the database with."""

import importlib
import pkgutil

import app
import app.kit.floor
import app.kit.idempotency
from app.kit.orm import Base

FEATURES = sorted(module.name for module in pkgutil.iter_modules(app.__path__) if module.ispkg)


def _load() -> None:
    for feature in FEATURES:
        package = importlib.import_module(f"app.{feature}")
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.partition("_")[0] == "models":
                importlib.import_module(f"app.{feature}.{module.name}")


_load()
metadata = Base.metadata
