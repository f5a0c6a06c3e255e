"""What a report and its files are called: one name for each question that can be asked of the record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from git_qoc.retrospective.choices import COMMAND_LINE, Choices
from git_qoc.retrospective.result import Retrospective

STEM = "retrospective"
_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")


def stem(choices: Choices) -> str:
    """`retrospective`, and what it is narrowed to: `retrospective-main-equities-since-30d`.

    Safe as a file name everywhere. The name says what was asked (`30d`), not the day that it
    meant, so that tomorrow's report takes the place of today's.
    """
    return "-".join((STEM, *_parts(choices)))


def title(retro: Retrospective) -> str:
    """Of what and when: `Retrospective of crypto-spot 2026-01-02 to 2026-06-30`. Names are as they are."""
    chosen = retro.choices
    scope = " at ".join(part for part in (chosen.symbol, chosen.connector) if part)
    return f"Retrospective {f'of {scope} ' if scope else ''}{period(retro)}"


def period(retro: Retrospective) -> str:
    """From the day of the capital to the last one."""
    if retro.start is None or retro.end is None:
        return "(no complete snapshot)"
    return f"{retro.start} to {retro.end}"


def _parts(choices: Choices) -> Iterator[str]:
    if choices.connector is not None:
        yield _safe(choices.connector)
    if choices.symbol is not None:
        yield _safe(choices.symbol)
    for name, value, origin in choices.listed():
        if name in ("since", "until") and getattr(choices, name) is not None:
            yield f"{name}-{_safe(origin.partition(': ')[2] or value)}"
    if choices.benchmark is not None and choices.origins.get("benchmark") == COMMAND_LINE:
        yield f"against-{_safe(choices.benchmark)}"
    if choices.live_only:
        yield "live-only"


def _safe(text: str) -> str:
    """The text without what a file system or a shell could take amiss; what differs stays different."""
    plain = _UNSAFE.sub("-", text).strip("-.")[:60]
    if plain == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}".lstrip("-")
