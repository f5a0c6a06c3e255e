"""Alpaca's own OpenAPI documents, to hold the loopback server and our requests against.

The documents come with the development dependency alpaca-mcp-server. Where a published
example of theirs breaks their own schema, the loaded schema is widened, with the reason.
"""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

TRADING = "https://paper-api.alpaca.markets"
DATA = "https://data.alpaca.markets"
DATA_PATHS = ("/v2/stocks/", "/v1beta1/", "/v1beta3/")

validated: Counter[str] = Counter()
"""How many requests were validated in this process, by operationId."""


@dataclass
class Request:
    """A request as openapi-core wants it; the host is the one Alpaca serves the path from."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes | None
    parameters: RequestParameters = field(init=False)

    def __post_init__(self) -> None:
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(self.query, keep_blank_values=True)),
            header=Headers(dict(self.headers)),
        )

    @property
    def host_url(self) -> str:
        return DATA if self.path.startswith(DATA_PATHS) else TRADING

    @property
    def content_type(self) -> str:
        return "application/json"


@dataclass
class Response:
    data: bytes
    status_code: int
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def validate(request: Request, response: Response) -> None:
    """Raises openapi-core's errors when either breaks the document."""
    api = _api(request.host_url)
    found = api.unmarshal_request(request)
    found.raise_for_errors()
    if response.status_code < 400:  # the documents leave most error answers out
        api.validate_response(request, response)
    validated[_operation(request)] += 1


@cache
def _api(host: str) -> OpenAPI:
    # The documents are checked against OpenAPI itself by their publisher; here it costs 2 s.
    return OpenAPI.from_dict(document(host), config=Config(spec_validator_cls=None))


@cache
def document(host: str) -> dict[str, Any]:
    """The widened document of a host."""
    spec = importlib.util.find_spec("alpaca_mcp_server")
    assert spec is not None
    assert spec.origin is not None
    name = "market-data-api.json" if host == DATA else "trading-api.json"
    loaded: dict[str, Any] = json.loads((Path(spec.origin).parent / "specs" / name).read_text("utf-8"))
    if host == TRADING:
        _widen(loaded)
    return loaded


def _widen(loaded: dict[str, Any]) -> None:
    schemas = loaded["components"]["schemas"]
    # Their MultilegOptionsOrderResponse has empty texts in these fields.
    for name in ("AssetClass", "OrderSide", "OrderType"):
        schemas[name]["enum"].append("")
    for name in ("Order", "OrderLeg"):
        del schemas[name]["properties"]["symbol"]["minLength"]
        del schemas[name]["properties"]["asset_id"]["format"]
    # A FILL row fits both alternatives, as neither has a required field: oneOf can never hold.
    items = loaded["paths"]["/v2/account/activities/{activity_type}"]["get"]["responses"]["200"]
    rows = items["content"]["application/json"]["schema"]["items"]
    rows["anyOf"] = rows.pop("oneOf")
    # Days are sent as 2019-08-01 in their own example, which is no date-time.
    del schemas["NonTradeActivities"]["properties"]["date"]["format"]


def example(name: str) -> Any:
    """A published example: of an operation's answer, or of a schema."""
    spec = document(TRADING)
    if name in spec["components"]["examples"]:
        return spec["components"]["examples"][name]["value"]
    return spec["components"]["schemas"][name]["examples"][0]


def _operation(request: Request) -> str:
    for pattern, operations in document(request.host_url)["paths"].items():
        parts, found = pattern.split("/"), request.path.split("/")
        if len(parts) == len(found) and all(
            a == b or (a.startswith("{") and a.endswith("}")) for a, b in zip(parts, found, strict=True)
        ):
            operation = operations.get(request.method)
            if operation:
                return str(operation["operationId"])
    raise AssertionError(f"no operation for {request.method} {request.path}")
