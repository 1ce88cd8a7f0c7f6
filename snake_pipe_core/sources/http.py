"""HTTP APIs that list artifacts as JSON, page by page.

Belongs here: paging, tokens, rate limits, and taking artifacts out of an answer. Does not: crawling;
a next page on another server is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from snake_pipe_core.sources.base import SourceOptionError, SourceUnreachableError
from snake_pipe_core.sources.bundle import entry_of
from snake_pipe_core.sources.listing import Listing, Patterns
from snake_pipe_core.sources.spool import Entry, SpooledSource

_SECRETS = {
    "access_token", "api_key", "apikey", "auth", "key", "password", "secret", "sig", "signature",
    "token",
}  # fmt: skip
_BUSY = (429, 500, 502, 503, 504)
_LONGEST_WAIT_SECONDS = 120
_LISTS = ("items", "data", "results", "artifacts")
PAGING = ("auto", "none", "link", "page", "cursor")


class HttpSource(SpooledSource):
    """The items of a paged JSON API, each with a path and a content."""

    kind = "http"

    @classmethod
    def open(cls, location: str, patterns: Patterns, options: Mapping[str, Any]) -> Self:
        """Return the source; refuse a URL with secrets in it."""
        parts = urlsplit(location)
        secret = sorted({name for name, _ in parse_qsl(parts.query) if name.lower() in _SECRETS})
        if parts.username or parts.password or secret:
            raise SourceOptionError(
                f"The URL holds {', '.join(secret) or 'a user or password'}; it would be kept in "
                "the lake and in logs.",
                remedy="Put the token into a variable and name it: --option token_env=NAME.",
                state="Nothing was read or written.",
            )
        if options["paging"] not in PAGING:
            raise SourceOptionError(
                f"There is no paging {options['paging']!r}.",
                remedy=f"The option paging is one of {', '.join(PAGING)}.",
                state="Nothing was read or written.",
            )
        return cls(location, patterns, options)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": "snake-pipe"}
        if name := self.options["token_env"]:
            if not os.environ.get(name):
                raise SourceOptionError(
                    f"The variable {name}, which should hold the token, is not set.",
                    remedy="Set it, or name another by the option token_env.",
                    state="Nothing was read or written.",
                )
            headers["Authorization"] = f"Bearer {os.environ[name]}"
        return headers

    def entries(self, listing: Listing) -> Iterator[Entry]:
        """Give the items of every page."""
        import urllib3

        headers = self._headers()
        pool = urllib3.PoolManager(
            timeout=self.options["timeout_seconds"],
            retries=urllib3.Retry(
                total=self.options["attempts"], status_forcelist=_BUSY, backoff_factor=0.5,
                backoff_jitter=0.5, backoff_max=_LONGEST_WAIT_SECONDS,
                retry_after_max=_LONGEST_WAIT_SECONDS, redirect=5, raise_on_status=False,
            ),
        )  # fmt: skip
        url: str | None = self._first()
        number = 0
        seen: set[str] = set()
        with pool:
            while url:
                if url in seen or len(seen) >= self.options["max_pages"]:
                    raise self._broken(
                        f"page {len(seen) + 1} repeats an earlier one or passes the option "
                        f"max_pages ({self.options['max_pages']})"
                    )
                seen.add(url)
                answer, links = self._page(pool, url, headers)
                items = self._items(answer)
                for item in items:
                    number += 1
                    fields = item if isinstance(item, dict) else {}
                    yield entry_of(
                        number, _at(fields, self.options["path"]),
                        _at(fields, self.options["content"]), self.limits,
                    )  # fmt: skip
                url = self._next(url, answer, links, len(items))

    def _page(self, pool: Any, url: str, headers: Mapping[str, str]) -> tuple[Any, str]:
        import urllib3

        largest = self.limits.max_bytes
        try:
            response = pool.request("GET", url, headers=headers, preload_content=False)
            try:
                if response.status != 200:
                    raise self._broken(f"it answers {response.status} {response.reason or ''}")
                body = response.read(largest + 1, decode_content=True)
            finally:
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._broken(str(error)) from None
        if len(body) > largest:
            raise self._broken(f"a page has more than {largest:,} bytes (option max_bytes)")
        try:
            return json.loads(body), response.headers.get("Link", "")
        except (ValueError, RecursionError) as error:
            raise self._broken(f"a page is no JSON ({error})") from None

    def _items(self, answer: Any) -> list[Any]:
        found = answer
        if name := self.options["items"]:
            found = _at(answer, name)
        elif isinstance(answer, dict):
            found = next((answer[key] for key in _LISTS if isinstance(answer.get(key), list)), None)
        if not isinstance(found, list):
            raise self._broken("a page holds no list of items; name its field by the option items")
        return found

    # -- from page to page ------------------------------------------------------------------

    def _first(self) -> str:
        if self.options["paging"] == "page":
            return _with(self.location, self.options["page_param"], self.options["first_page"])
        return self.location

    def _next(self, url: str, answer: Any, links: str, count: int) -> str | None:
        """Return the next page's address, or None after the last."""
        paging = self.options["paging"]
        if paging == "page":
            name = self.options["page_param"]
            page = int(dict(parse_qsl(urlsplit(url).query))[name])
            return _with(url, name, page + 1) if count else None
        if paging in ("cursor", "auto"):
            cursor = _at(answer, self.options["cursor"])
            if cursor not in (None, "", False):
                return _with(url, self.options["cursor_param"], cursor)
        if paging in ("link", "auto"):
            following = _at(answer, self.options["next"]) or _linked(links)
            return self._own(urljoin(url, following)) if isinstance(following, str) else None
        return None

    def _own(self, url: str) -> str:
        here, there = urlsplit(self.location), urlsplit(url)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise self._broken("its next page lies on another server, which is not followed")
        return url

    def _broken(self, why: str) -> SourceUnreachableError:
        return SourceUnreachableError(
            f"{self.location} cannot be read to its end: {why.strip()}.",
            remedy="Check the address, the token and the options of paging, or run again later.",
            state="Nothing was published: what was known of the source stays as it is.",
        )


def _at(value: Any, path: str) -> Any:
    """Return what lies at a dotted path of keys, or None."""
    for key in path.split(".") if path else ():
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _with(url: str, name: str, value: object) -> str:
    parts = urlsplit(url)
    query = [(key, old) for key, old in parse_qsl(parts.query, True) if key != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, str(value))])))


def _linked(header: str) -> str | None:
    """Return the address of `rel="next"` in a Link header."""
    for part in header.split(","):
        address, *parameters = part.split(";")
        if any(p.strip().replace('"', "") == "rel=next" for p in parameters):
            return address.strip().strip("<>")
    return None
