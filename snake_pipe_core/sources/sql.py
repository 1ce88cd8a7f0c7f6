"""A table of a database with a column of paths and one of AST JSON.

Belongs here: one streamed query over any database that SQLAlchemy knows. Does not: writing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

from snake_pipe_core.sources.base import SourceOptionError, SourceUnreachableError
from snake_pipe_core.sources.bundle import entry_of
from snake_pipe_core.sources.listing import Listing, Patterns
from snake_pipe_core.sources.spool import Entry, SpooledSource

if TYPE_CHECKING:
    from sqlalchemy import URL, Select

_ROWS_AT_ONCE = 64


class SqlSource(SpooledSource):
    """The rows of one table, read by a server-side cursor where the driver has one."""

    kind = "sql"
    _url: URL

    @classmethod
    def open(cls, location: str, patterns: Patterns, options: Mapping[str, Any]) -> Self:
        """Return the source; its location is the URL without the password."""
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(location)
        except ArgumentError as error:
            raise SourceOptionError(
                "The location is no database URL.",
                remedy="Write it as SQLAlchemy does: postgresql+psycopg://user@host/database.",
                state="Nothing was read or written.",
            ) from error
        if not options["table"]:
            raise SourceOptionError(
                "A database needs the name of a table.",
                remedy="Add --option table=NAME, and path= and content= for its columns.",
                state="Nothing was read or written.",
            )
        if secret := sorted(set(url.query) & {"password", "passwd", "sslpassword", "token"}):
            raise SourceOptionError(
                f"The URL's query holds {', '.join(secret)}.",
                remedy="Put the password into a variable and name it: --option password_env=NAME.",
                state="Nothing was read or written.",
            )
        source = cls(url._replace(password=None).render_as_string(), patterns, options)
        source._url = url
        return source

    def _with_password(self) -> URL:
        name = self.options["password_env"]
        if not name:
            return self._url
        if name not in os.environ:
            raise SourceOptionError(
                f"The variable {name}, which should hold the database's password, is not set.",
                remedy="Set it, or name another by the option password_env.",
                state="Nothing was read or written.",
            )
        return self._url.set(password=os.environ[name])

    def _query(self) -> Select[Any]:
        from sqlalchemy import column, select, table, text

        path: Any = column(self.options["path"])
        content: Any = column(self.options["content"])
        schema, _, name = self.options["table"].rpartition(".")
        query = select(path, content).select_from(table(name, path, content, schema=schema or None))
        if where := self.options["where"]:
            query = query.where(text(where))
        return query

    def entries(self, listing: Listing) -> Iterator[Entry]:
        """Give every row, a few at a time, in one transaction."""
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.pool import NullPool

        limits = self.limits
        try:
            engine = create_engine(self._with_password(), poolclass=NullPool)
            with engine.connect() as connection:
                streaming = connection.execution_options(yield_per=_ROWS_AT_ONCE)
                for number, (path, content) in enumerate(streaming.execute(self._query()), 1):
                    yield entry_of(number, path, content, limits)
        except (SQLAlchemyError, ImportError) as error:
            cause = str(getattr(error, "orig", None) or error)
            password = self._url.password
            if password:
                cause = cause.replace(str(password), "***")
            raise SourceUnreachableError(
                f"The table {self.options['table']} of {self.location} cannot be read: "
                f"{cause.strip()}.",
                remedy="Check the URL, its driver, and the options table, path, content and where.",
                state="Nothing was published: what was known of the source stays as it is.",
            ) from None
