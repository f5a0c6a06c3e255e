"""Recovery words, however they are written; sentences and lists of names are none."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from git_qoc.checks.credentials import check
from git_qoc.checks.detector.mnemonics import mnemonics

LIST = Path("git_qoc/data/bip39-english.txt")


def phrase(count: int, seed: int = 3) -> list[str]:
    """A phrase as wallets make it: random bits, and as many of their hash as BIP-39 says."""
    words = (Path(__file__).parents[3] / LIST).read_text(encoding="ascii").split()
    entropy = random.Random(seed).randbytes(count * 4 // 3)  # noqa: S311
    bits = "".join(f"{byte:08b}" for byte in (*entropy, hashlib.sha256(entropy).digest()[0]))
    return [words[int(bits[at : at + 11], 2)] for at in range(0, count * 11, 11)]


WRITTEN = {
    "blanks": " ".join,
    "commas": ", ".join,
    "dashes": "-".join,
    "capitals": lambda words: " ".join(words).upper(),
    "an array": str,
    "numbered lines": lambda words: "\n".join(f"# {number}. {word}" for number, word in enumerate(words, 1)),
    "lines of a string": "\n    ".join,
    "a sentence": lambda words: f"the wallet is {' '.join(words)} since May",
}


@pytest.mark.parametrize("count", [12, 15, 18, 21, 24])
@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN)
def test_recovery_words_are_found(write: object, count: int) -> None:
    assert callable(write)
    assert len(list(mnemonics(write(phrase(count))))) == 1


@pytest.mark.parametrize(
    "text",
    [
        " ".join(phrase(11)),
        # tags, each of which is in the list
        "risk offer stock range trend total model security update start quality carbon",
        "abandon hope all who enter here; able traders about to absorb the news of the market again",
        "traffic mirror filter, traffic mirror session, traffic mirror target, traffic mirror filter rule",
        "text text text text text text text text text text text text text text",
    ],
)
def test_what_is_no_phrase_passes(text: str) -> None:
    assert list(mnemonics(text)) == []


def test_twelve_words_of_another_list_are_found_by_their_name() -> None:
    spanish = "uno dos tres cuatro cinco seis siete ocho nueve diez once doce"
    assert check("desk.toml", f'[other]\nmnemonic = "{spanish}"'.encode())
    assert not check("desk.toml", f'[other]\nnote = "{spanish}"'.encode())
