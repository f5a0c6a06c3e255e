"""desk.toml as values: what the user wrote, checked, with every fault named by its line.

In the tables that are ours (`workspace`, `account`, `connector`, `schedule`, `guard`, `retrospective`,
`history`, `security`) an unknown key is a fault; a top-level table that is not ours is left alone.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from datetime import time
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from git_qoc.desk.benchmark import source
from git_qoc.desk.positions import Position, locate
from git_qoc.desk.secrets import FORMS, Reference
from git_qoc.desk.syntax import bounded, syntax_message
from git_qoc.desk.zone import zone_name
from git_qoc.errors import DeskError
from git_qoc.model import VenueType

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
LIKE_A_KEY = re.compile(r"[A-Za-z]?[a-z_-]{0,31}|[0-9]{1,4}")
NAME_RULE = "letters, digits, '.', '_' and '-', 1 to 64, first and last a letter or digit"


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError(f"expected a name of {NAME_RULE}")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError('expected a time zone name such as "America/New_York"') from None
    return value


def _benchmark(value: str) -> str:
    source(value)
    return value


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected an http(s) URL")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("expected a URL without user, password, query or fragment")
    return value.rstrip("/")


def _reference(value: object) -> object:
    if isinstance(value, Reference):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((form, target),) = value.items()
        if form in FORMS and isinstance(target, str) and target:
            return Reference(form, target)
    # The value may be the secret itself: it must not get into the message.
    raise ValueError('expected a secret reference such as { env = "NAME" }, never the secret itself')


Name = Annotated[str, AfterValidator(_name)]
Zone = Annotated[str, AfterValidator(_zone)]
Benchmark = Annotated[str, AfterValidator(_benchmark)]


class _Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )


class Workspace(_Table):
    name: str = ""
    timezone: Zone | None = None


class AccountSettings(_Table):
    currency: Literal["USD"] = "USD"


class ConnectorConfig(_Table):
    """One `[[connector]]` block. `venue` is None when the type's default adapter is meant."""

    name: Name
    type: Annotated[VenueType, Field(strict=False)]
    enabled: bool = True
    venue: Annotated[str, AfterValidator(_name)] | None = None
    base_url: Annotated[str, AfterValidator(_base_url)] | None = None
    sandbox: bool = False
    account: str | None = None
    auth: dict[str, Annotated[Reference, BeforeValidator(_reference)]] = Field(default_factory=dict)


class Schedule(_Table):
    name: Name
    cron: str
    task: str
    tz: Zone | None = None


class Guard(BaseModel):
    """One `[[guard]]`; its options are checked by the guard itself, which fails closed."""

    model_config = ConfigDict(extra="allow", frozen=True)
    key: str
    enabled: bool = True


class RetrospectiveSettings(_Table):
    """The choices of a report; None where the default of RETROSPECTIVE.md holds."""

    periods_per_year: Literal["auto"] | Annotated[int, Field(gt=0)] | None = None
    risk_free: Annotated[float, Field(gt=-1, lt=1)] | None = None
    timezone: Zone | None = None
    day_cutoff: time | None = None
    partial: Literal["exclude", "carry"] | None = None
    flows: Literal["auto", "explicit"] | None = None
    benchmark: Benchmark | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_cutoff(cls, data: Any) -> Any:
        cutoff = data.get("day_cutoff") if isinstance(data, dict) else None
        if not isinstance(cutoff, str):
            return data
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", cutoff):
            raise ValueError('day_cutoff: expected a time such as "16:05"')
        return {**data, "day_cutoff": time.fromisoformat(cutoff)}


class HistorySettings(_Table):
    """How the record is kept; `layout` is for new snapshots, readers take any depth."""

    layout: Literal["flat", "monthly"] = "flat"
    require_signed: bool = False
    run_hooks: bool = False


class SecuritySettings(_Table):
    """`strict`: a secret file that others may read or change is refused, not only warned of."""

    strict: bool = False


class DeskConfig(BaseModel):
    """The whole of desk.toml; `connectors` in file order."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    workspace: Workspace = Field(default_factory=Workspace)
    account: AccountSettings = Field(default_factory=AccountSettings)
    connectors: tuple[ConnectorConfig, ...] = Field(default=(), alias="connector")
    schedules: tuple[Schedule, ...] = Field(default=(), alias="schedule")
    guards: tuple[Guard, ...] = Field(default=(), alias="guard")
    retrospective: RetrospectiveSettings = Field(default_factory=RetrospectiveSettings)
    history: HistorySettings = Field(default_factory=HistorySettings)
    security: SecuritySettings = Field(default_factory=SecuritySettings)

    @property
    def zone(self) -> str:
        """The desk's zone: its own, else that of the first snapshot schedule, else UTC."""
        return zone_name(self.workspace.timezone, ((s.task, s.tz) for s in self.schedules))


def parse(text: str, path: str = "desk.toml") -> DeskConfig:
    """Read desk.toml.

    Raises:
        DeskError: one line per fault, each `path:line: what was found, what was expected`.
            Values are not quoted, because one of them may be a secret in the wrong place.
    """
    try:
        tables = tomllib.loads(bounded(text))
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        raise DeskError(syntax_message(path, text, exc)) from None
    try:
        config = DeskConfig.model_validate(tables)
    except ValidationError as exc:
        places = locate(text)
        lines = [_fault(path, error, tables, places) for error in exc.errors()]  # type: ignore[arg-type]
        raise DeskError("\n".join(dict.fromkeys(lines))) from None
    taken = list(_same_names(config, path, text))
    if taken:
        raise DeskError("\n".join(taken))
    return config


def _same_names(config: DeskConfig, path: str, text: str) -> Iterator[str]:
    seen: dict[str, int] = {}
    places = locate(text)
    for index, connector in enumerate(config.connectors):
        first = seen.setdefault(connector.name.casefold(), index)
        if first != index:
            line = _line(places, ("connector", index, "name"))
            other = _line(places, ("connector", first, "name"))
            name = connector.name
            yield f'{path}:{line}: the connector name "{name}" is taken in line {other}. Choose another.'


def _line(places: dict[tuple[str | int, ...], Position], key: tuple[str | int, ...]) -> int:
    while key and key not in places:
        key = key[:-1]
    return places[key].line if key else 1


def _fault(
    path: str,
    error: dict[str, Any],
    tables: dict[str, Any],
    places: dict[tuple[str | int, ...], Position],
) -> str:
    key: tuple[str | int, ...] = tuple(part for part in error["loc"])
    # A union reports its members' names and a discriminated value as further parts.
    while len(key) > 1 and key not in places and key[:-1] in places and error["type"] != "missing":
        key = key[:-1]
    line = _line(places, key)
    return f"{path}:{line}: {_where(key, tables)}{_what(error, key)}"


def _where(key: tuple[str | int, ...], tables: dict[str, Any]) -> str:
    table = str(key[0])
    inner = key[1:]
    if inner and isinstance(inner[0], int):
        row = tables[table][inner[0]] if isinstance(tables.get(table), list) else {}
        label = row.get("name") if isinstance(row, dict) else None
        known = isinstance(label, str) and NAME.fullmatch(label)
        table = f'{table} "{label}"' if known else f"[[{table}]] {inner[0] + 1}"
        inner = inner[1:]
    # A key that looks like none of ours may be a secret in the wrong place.
    dotted = ".".join(str(part) if LIKE_A_KEY.fullmatch(str(part)) else "…" for part in inner)
    return f"{table}: {dotted}: " if dotted else f"{table}: "


_MODELS: dict[str, type[BaseModel]] = {
    "workspace": Workspace,
    "account": AccountSettings,
    "connector": ConnectorConfig,
    "schedule": Schedule,
    "retrospective": RetrospectiveSettings,
    "history": HistorySettings,
    "security": SecuritySettings,
}


def _what(error: dict[str, Any], key: tuple[str | int, ...]) -> str:
    if error["type"] == "missing":
        return "expected this key, found nothing. Add it."
    if error["type"] == "extra_forbidden":
        known = list(_MODELS[str(key[0])].model_fields)
        near = difflib.get_close_matches(str(key[-1]), known, n=1)
        hint = f'Did you mean "{near[0]}"?' if near else f"Known keys: {', '.join(known)}."
        return f"unknown key. {hint}"
    if key[-1] == "type":
        return f"unknown venue type. Known types: {', '.join(VenueType)}."
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{message[0].lower()}{message[1:]}."
