"""The properties of the credential checker over many made-up desks.

    python benchmarks/credentials_properties.py [EXAMPLES] [SEED]

Of EXAMPLES desks each (default 20,000): a secret in a venue's format, put anywhere into a valid
desk.toml, is found and never said; a desk of references with random names, ids, addresses and
symbols passes. Prints the seed, the counts, and every desk that breaks a property.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

ROOT = Path(__file__).parents[1]
WIDTH = 6


def said_of(secret: str, faults: list[object], generic: frozenset[str]) -> set[str]:
    """Parts of the secret that a message holds."""
    said = "\n".join(map(str, faults)).casefold()
    parts = {secret[at : at + WIDTH].casefold() for at in range(len(secret) - WIDTH + 1)}
    return {part for part in parts - generic if part in said}


def main(examples: int, chosen: int) -> int:
    from git_qoc.checks.credentials import check
    from tests.checks.desks import GENERIC, Desk, desks, desks_with_a_secret

    many = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    counts = {"found": 0, "missed": 0, "said": 0, "passed": 0, "false alarm": 0}

    @seed(chosen)
    @many
    @given(desks_with_a_secret())
    def dirty(case: tuple[str, str]) -> None:
        text, secret = case
        faults = check("desk.toml", text.encode())
        counts["found" if faults else "missed"] += 1
        if not faults:
            print(f"missed: {secret!r} in\n{text}")
        if said_of(secret, list(faults), GENERIC):
            counts["said"] += 1
            print(f"said: {secret!r} in\n{text}")

    @seed(chosen)
    @many
    @given(desks())
    def clean(desk: Desk) -> None:
        faults = check("desk.toml", desk.text.encode())
        counts["false alarm" if faults else "passed"] += 1
        for fault in faults:
            print(f"false alarm: {desk.lines[fault.line - 1]}\n  {fault.message}")

    start = time.perf_counter()
    dirty()
    clean()
    print(
        f"seed {chosen}, {time.perf_counter() - start:.0f} s:", *(f"{n} {what}" for what, n in counts.items())
    )
    return counts["missed"] + counts["said"] + counts["false alarm"]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    arguments = [int(arg) for arg in sys.argv[1:]]
    sys.exit(main(arguments[0] if arguments else 20_000, arguments[1] if len(arguments) > 1 else 1) > 0)
