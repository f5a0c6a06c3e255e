"""Faults as SARIF 2.1.0, which code-scanning pages take (OASIS, sarif-v2.1.0).

No fault of ours holds a secret, so neither does the log; no snippet of the file is put into it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from git_qoc import __version__
from git_qoc.errors import printable

if TYPE_CHECKING:
    from git_qoc.tasks.brought import Found

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RULES = {
    "credentials": "A credential is never written to a desk, only where it is kept.",
    "desk": "desk.toml can be read, and no connector changes its type.",
    "snapshots": "The record is append-only.",
    "orders": "An order is one file that only moves forward.",
    "edited": "A snapshot once committed is never edited.",
    "deleted": "A snapshot once committed is never deleted.",
    "renamed": "A snapshot is named by the time it was taken.",
    "type": "A snapshot is a plain file.",
    "trailers": "A snapshot commit holds what its trailers say.",
    "unsigned": "Snapshot commits are signed where the desk demands it.",
    "unreadable": "A snapshot can be read.",
    "name": "A snapshot is named by its timestamp.",
    "footing": "The numbers of a snapshot add up.",
}


def log(found: Sequence[Found]) -> str:
    """The log of one run; paths are relative to the repository's root, which is not named."""
    run: dict[str, Any] = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for one in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _driver() -> dict[str, Any]:
    rules = [{"id": rule, "shortDescription": {"text": text}} for rule, text in RULES.items()]
    return {"name": "git-qoc", "version": __version__, "rules": rules}


def _result(found: Found) -> dict[str, Any]:
    fault = found.fault
    path = quote(fault.path.encode("utf-8", "surrogateescape"))
    # Of the words alone, so that the alert stays the same one when lines move.
    print_ = hashlib.sha256(f"{fault.rule}\0{path}\0{fault.message}".encode("utf-8", "surrogateescape"))
    result: dict[str, Any] = {
        "ruleId": fault.rule,
        "ruleIndex": list(RULES).index(fault.rule),
        "level": "error",
        "message": {"text": printable(fault.message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": fault.line, "startColumn": fault.column},
                }
            }
        ],
        "partialFingerprints": {"gitQocFault/v1": print_.hexdigest()},
    }
    if found.commits:
        result["properties"] = {"commits": list(found.commits)}
    return result
