"""In which order pieces stand that two sides moved and added to."""

from __future__ import annotations

from git_qoc.desk.pieces import Key

COMMENT: Key = ("#",)


def succession(base: list[Key], ours: list[Key], theirs: list[Key]) -> list[Key] | None:
    """Every key of `ours` and `theirs` once; None when both moved what was there, each its own way.

    The order is that of the side that moved something, else ours. What only the other side
    has stands behind what it stands behind there, and behind ours of the same kind.
    """
    everywhere = set(base) & set(ours) & set(theirs)
    was, our, their = ([key for key in side if key in everywhere] for side in (base, ours, theirs))
    if our not in (was, their) and their != was:
        return None
    first, second = (theirs, ours) if our == was != their else (ours, theirs)
    known, own = set(first), set(first) - set(base) - set(second)
    result, behind, run = list(first), list[Key](), list[Key]()
    for key in second:
        if key not in known:
            run.append(key)
            continue
        result = _inserted(result, run, behind, own)
        behind, run = [key], []
    return _inserted(result, run, behind, own)


def _inserted(result: list[Key], run: list[Key], behind: list[Key], own: set[Key]) -> list[Key]:
    """`run` behind the key in `behind` (none: in front) and what the first side itself added there."""
    at = result.index(behind[0]) + 1 if behind else 0
    end = at
    while end < len(result) and result[end] in own:
        end += 1
    # A comment that stands alone speaks of what follows it: nothing is put in between.
    kinds = {_kind(key) for key in run} - {COMMENT} or {_kind(key) for key in result[at:end]}
    places = [place for place in range(at, end) if _kind(result[place]) in kinds]
    at = places[-1] + 1 if places and (len(kinds) == 1 or COMMENT not in kinds) else at
    return [*result[:at], *run, *result[at:]]


def _kind(key: Key) -> Key:
    return key[:2] if key[0] == "[[" else key[:1]
