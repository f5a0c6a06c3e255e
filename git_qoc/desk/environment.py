"""The environment as a value that shows none of its values: secrets stand in it."""

from __future__ import annotations


class Environment(dict[str, str]):
    """Variables by name; a traceback with locals or an error report shows how many, no more."""

    def __repr__(self) -> str:
        return f"<{len(self)} variables>"
