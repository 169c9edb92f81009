"""What all tables share: names of constraints, and types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator

from app.kit.ids import new_id


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant. SQLite would drop the zone, so it is stored in UTC and comes back in UTC.

    Raises `ValueError` for a naive datetime: an instant without a zone is a mistake of ours.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What page cursors are read back as; a decorator would call it `object`."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without time zone reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


class TransactionNumber(GenericFunction[int]):
    """The number of the transaction that inserts the row. SQLite has one writer at a time, and needs none."""

    inherit_cache = True


@compiles(TransactionNumber, "postgresql")
def _number_on_postgresql(_element: TransactionNumber, _compiler: SQLCompiler, **_: object) -> str:
    return "((pg_current_xact_id()::text)::bigint)"  # there is no shorter cast


@compiles(TransactionNumber, "sqlite")
def _number_on_sqlite(_element: TransactionNumber, _compiler: SQLCompiler, **_: object) -> str:
    return "0"


class NotSoughtBy(GenericFunction[Any]):
    """A column whose index SQLite shall leave alone: it has few statistics, and trusts an order by too much.

    PostgreSQL knows how its rows are spread and chooses for itself.
    """

    inherit_cache = True

    def __init__(self, column: sa.ColumnElement[Any] | InstrumentedAttribute[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(NotSoughtBy, "postgresql")
def _column_itself(element: NotSoughtBy, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(NotSoughtBy, "sqlite")
def _column_by_no_index(element: NotSoughtBy, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"  # the sign does nothing else


class Base(DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads the class attribute)
        datetime: UTCDateTime(),
        UUID: sa.Uuid(),
        dict[str, Any]: Json,
        list[Any]: Json,
        str: sa.Text(),
    }


def id_column() -> Mapped[UUID]:
    """A primary key that the caller may bring along (D11) and that is made otherwise."""
    return mapped_column(primary_key=True, default=new_id)


def closed_set(members: type[StrEnum], name: str) -> sa.Enum:
    """A column type for a `StrEnum`: text with a named CHECK, not a native type that is painful to change."""
    return sa.Enum(
        members,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=40,
        values_callable=lambda kind: [member.value for member in kind],
    )
