"""Text that a random generator wrote, told from text that a person wrote.

Pure, and knows no form: what is random and public all the same (ids, hashes, addresses) is
told by `innocent`. A token is measured by how much each of its characters surprises a reader
who expects words, names and numbers: bits, from the pairs of letters of 60,000 identifiers
and words of six languages. Words stay near 4 bits, a generator's output near 6.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# A row a letter, in front of it the row of word starts; a digit is the cost in bits of the letter
# of that column after the letter of the row.
_BITS = (
    "45444455476545547434556777"  # ^
    "84448758586343959343667767"  # a
    "36663688368377369446488958"  # b
    "37563783494478279553589979"  # c
    "36652568388567369555578879"  # d
    "46446568687453757334767578"  # e
    "37664478299467369454488969"  # f
    "37672764499464479346488988"  # g
    "27762788397666379564598969"  # h
    "56455559897442468544859795"  # i
    "27662679475765369847376999"  # j
    "36662667387465469545476969"  # k
    "37652777397477369755579949"  # l
    "25772789398657339756579979"  # m
    "47433537486676479743558978"  # n
    "65547658686442549344455787"  # o
    "38663785498377359354578959"  # p
    "66767688799467866445178987"  # q
    "37552769396656369544578969"  # r
    "47473674396567447742477969"  # s
    "37562684398667369345587959"  # t
    "54554668597443749333979787"  # u
    "27661778398677479656787868"  # v
    "36653674396564369446788799"  # w
    "46453576398557538652678558"  # x
    "46554667597444438534666876"  # y
    "27752766397666469776579965"  # z
)
UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
RUN = re.compile(r"[A-Za-z0-9]+")
_HEX = r"(?:0x)?([0-9a-f]+|[0-9A-F]+)"
_SHORTEST, _SHORTEST_HEX, _LONG = 20, 24, 28
_SAMPLE = 2000


class _Surprise(dict[tuple[str, str], float]):
    """Filled pair by pair: most desks need a few of the 3,844."""

    def __missing__(self, pair: tuple[str, str]) -> float:
        bits = self[pair] = _bits(*pair)
        return bits


def _bits(one: str, two: str) -> float:
    if two.isdigit():
        return 5.0 if not one.isdigit() else 1.0 if ord(two) - ord(one) == 1 else 2.5
    column = _LETTERS.index(two.lower())
    start = int(_BITS[column])
    if one.isdigit():
        return 4 + start / 2
    if ord(two) - ord(one) == 1:
        return 1.0  # an alphabet
    if one.islower() and two.isupper():
        return 1.5 + start
    return float(_BITS[26 * (_LETTERS.index(one.lower()) + 1) + column])


_SURPRISE = _Surprise()


@lru_cache(4096)
def is_opaque(token: str) -> bool:
    """Whether a token of letters, digits and `+/_-=` reads like the output of a random generator."""
    if len(token) < 16:
        return False
    if re.fullmatch(_HEX, token):
        return is_hex_key(token)  # shorter ones are ids that were cut short
    length = len(token.rstrip("="))
    if length < _SHORTEST:
        islands = len(re.findall(_ISLAND, token))
        return mixes_three(token) and surprise(token) > (5.0 if islands > 1 else 5.6)
    if any(map(str.isdigit, token)):
        enough = 4.8 + max(0, 34 - length) * 0.03
    else:  # a generator's output has digits, all but always; a row of abbreviations has none
        enough = 5.2 if length >= _LONG and _is_even(token) else 5.6
    return len(set(token)) >= 10 and surprise(token) > enough


def _is_even(token: str) -> bool:
    """As many capitals as small letters, nearly: of words, a quarter at most are capitals."""
    capitals = sum(map(str.isupper, token))
    return len(token) * 0.3 < capitals < len(token) * 0.7


def is_hex_key(token: str) -> bool:
    """Hexadecimal, long, and no number: letters and digits both."""
    match = re.fullmatch(_HEX, token)
    if match is None or len(match[1]) < _SHORTEST_HEX or len(set(match[1])) < 6:
        return False
    digits = sum(map(str.isdigit, match[1]))
    return digits >= 2 and len(match[1]) - digits >= 2


def mixes_three(token: str) -> bool:
    """Capitals, small letters and digits, in one piece."""
    piece = max(RUN.findall(token), key=len, default="")
    return (
        len(piece) >= 12
        and any(map(str.isupper, piece))
        and any(map(str.islower, piece))
        and any(map(str.isdigit, piece))
    )


def mean_bits(word: str) -> float:
    """Mean surprise of a text's letters and digits, however few; what stands between is passed over."""
    runs = RUN.findall(word)
    total = sum(sum(map(_SURPRISE.__getitem__, pairwise(run))) for run in runs)
    return total / max(1, sum(map(len, runs)) - len(runs))


def surprise(token: str) -> float:
    """Mean bits of a character after the one before it, and more for digits strewn in between."""
    if len(token) > 3 * _SAMPLE:  # of a megabyte its ends and its middle tell
        middle = len(token) // 2
        token = token[:_SAMPLE] + "/" + token[middle : middle + _SAMPLE] + "/" + token[-_SAMPLE:]
    total = 0.0
    count = islands = longest = 0
    for run in RUN.findall(token):
        total += sum(map(_SURPRISE.__getitem__, pairwise(run)))
        count += len(run) - 1
        longest = max(longest, len(run))
        if len(run) >= 10:
            islands += len(re.findall(_ISLAND, run))
    if count < 12 or longest < (12 if len(token) < 32 else 8):
        return 0.0
    pieces = 0.5 if longest < 16 else 0.0  # symbols in a row are abbreviations, not words
    return total / count + 0.2 * min(islands, 5) - pieces


_ISLAND = r"[A-Za-z][0-9]+(?=[A-Za-z])"
