"""Types of the native module; only `native.py` imports it."""

from collections.abc import Sequence
from typing import Any

def engine_version() -> str: ...
def check_mapping(unit_json: str) -> list[str]: ...
def merge_toml(layers: Sequence[str]) -> str: ...

class MappingRefusedError(ValueError): ...

class Batch:
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]: ...
    def __arrow_c_schema__(self) -> object: ...
    def __len__(self) -> int: ...

class Engine:
    def __new__(cls, mappings_json: str) -> Engine: ...
    @property
    def digest(self) -> str: ...
    @property
    def version(self) -> str: ...
    def scan(
        self,
        source: str,
        paths: Sequence[str],
        files: Sequence[str] | None = None,
        contents: Sequence[bytes] | None = None,
        *,
        workers: int = 0,
        max_bytes: int = ...,
        node_file: str | None = None,
        nodes: bool = True,
    ) -> dict[str, list[Batch]]: ...
    def inspect(
        self,
        paths: Sequence[str],
        files: Sequence[str] | None = None,
        contents: Sequence[bytes] | None = None,
        *,
        max_bytes: int = ...,
    ) -> list[dict[str, Any]]: ...
