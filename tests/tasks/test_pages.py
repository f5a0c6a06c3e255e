"""Reports in a folder: what they are called, what the index lists, and what is left alone."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from git_qoc.errors import HistoryError, Refused
from git_qoc.report.page.assets import embedded
from git_qoc.report.page.found import found_summary
from git_qoc.report.page.summary import SUMMARY_ID, summary
from git_qoc.tasks.pages import write_pages
from tests.report.html_of import cells, everything, parsed
from tests.report.sample import sample

NAME = "retrospective.html"
WHOLE = sample(150)
HOSTILE = "<script>pwned()</script>"


def report(**changes: Any) -> dict[str, Any]:
    return WHOLE | changes


def scoped(connector: str | None = None, symbol: str | None = None) -> dict[str, Any]:
    return report(scope={"connector": connector, "symbol": symbol})


def chosen(**choices: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value, "origin": "command line"} for name, value in choices.items()]


def listed(folder: Path) -> list[list[str]]:
    return cells(parsed((folder / "index.html").read_text()).with_id("reports"))


def test_the_folder_is_made_and_the_same_history_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "public"
    assert write_pages(report(), folder, NAME) == (
        str(folder / "retrospective.html"),
        str(folder / "index.html"),
    )
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_pages(report(), folder, NAME)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert sorted(first) == ["badge.svg", "index.html", "retrospective.html"]


def test_the_index_lists_every_report_the_whole_desk_first(tmp_path: Path) -> None:
    documents = {
        "retrospective-cx-spot.html": scoped("cx-spot"),
        "retrospective-since-2024-05.html": report(choices=chosen(since="2024-05-01")),
        NAME: report(),
        "retrospective-KO.html": scoped(None, "KO"),
    }
    for name, document in documents.items():
        write_pages(document, tmp_path, name)
    rows = listed(tmp_path)
    name = "Northwind capital, "
    assert [row[0] for row in rows] == [
        name + part for part in ("Whole desk", "Whole desk, from 2024-03-04", "KO", "cx-spot")
    ]
    assert rows[0][1] == "2024-03-04 – 2024-07-31"
    assert rows[0][3:6] == [rows[1][3], rows[1][4], rows[1][5]]
    links = [a.attrs["href"] for a in parsed((tmp_path / "index.html").read_text()).all("a")]
    assert links[0] == "retrospective.html"
    assert all((tmp_path / str(link)).is_file() for link in links)


def told(**changes: Any) -> str:
    data = embedded(SUMMARY_ID, summary(WHOLE) | changes)
    return f"<!doctype html><html><head>{data}</head></html>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<h1>a page of mine</h1>",
        f"<script>{json.dumps({'format': 1})}</script>",
        f'<script type="application/json" id="{SUMMARY_ID}">{{"format":1}}</script>',
        f'<script type="application/json" id="{SUMMARY_ID}">{"[" * 60_000}</script>',
        f'<script type="application/json" id="{SUMMARY_ID}">{{"format":1,"total_return":NaN}}</script>',
        "<![foo " * 8000,
        "<!--" * 16_000,
        told(format=2),
        told(name=7),
        told(name="x" * 201),
        told(start=HOSTILE),
        told(warnings="1"),
        told(live_only=None),
        told(spark=[HOSTILE]),
        told(spark=[1] * 1000),
        told(pnl_usd=True),
        told(total_return=0.5).replace("0.5", "1e999999999"),
        told(total_return=0.5).replace("0.5", "9" * 5000),
    ],
)
def test_a_file_that_is_no_report_of_ours_is_not_listed_and_not_touched(text: str, tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text(text)
    write_pages(report(), tmp_path, NAME)
    assert [row[0] for row in listed(tmp_path)] == ["Northwind capital, Whole desk"]
    assert (tmp_path / "other.html").read_text() == text


def test_bytes_that_are_no_text_and_what_is_no_file_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "noise.html").write_bytes(bytes(range(256)) * 10)
    (tmp_path / "folder.html").mkdir()
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "elsewhere").write_text(told())
    (tmp_path / "link.html").symlink_to(tmp_path / "elsewhere")
    write_pages(report(), tmp_path, NAME)
    assert len(listed(tmp_path)) == 1


def test_a_hostile_report_is_listed_as_text(tmp_path: Path) -> None:
    (tmp_path / "a 'b\"<c>&.html").write_text(told(name=HOSTILE, connector=HOSTILE, symbol='"onclick="x'))
    write_pages(report(), tmp_path, NAME)
    page = parsed((tmp_path / "index.html").read_text())
    assert [e for e in everything(page) if e.tag == "script" or "onclick" in e.attrs] == []
    assert f'{HOSTILE}, {HOSTILE}, "onclick="x' in [row[0] for row in listed(tmp_path)]
    assert "a%20%27b%22%3Cc%3E%26.html" in [a.attrs["href"] for a in page.all("a")]


@pytest.mark.parametrize("name", ["index.html", "retrospective.html"])
def test_a_file_that_was_not_made_here_is_never_replaced(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("<h1>my site</h1>")
    with pytest.raises(Refused, match=f"{name} was not made by git-qoc. Move it away"):
        write_pages(report(), tmp_path, NAME)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(name, "<h1>my site</h1>")]


def test_another_desk_s_report_is_never_replaced(tmp_path: Path) -> None:
    write_pages(report(), tmp_path, NAME)
    with pytest.raises(Refused, match='is a report of the desk "Northwind capital"'):
        write_pages(report(name="Southwind"), tmp_path, NAME)


def test_a_folder_that_cannot_be_made_is_said_in_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match=r"cannot make the folder .*/file/public: Not a directory"):
        write_pages(report(), tmp_path / "file" / "public", NAME)
    with pytest.raises(HistoryError, match=r"cannot make the folder .*/file: File exists"):
        write_pages(report(), tmp_path / "file", NAME)


def test_what_a_summary_says_is_what_is_read_back(tmp_path: Path) -> None:
    write_pages(report(), tmp_path, NAME)
    text = (tmp_path / "retrospective.html").read_text()
    back = found_summary(text[:65_536])
    assert back is not None
    assert {**back, "spark": None} == {
        **summary(WHOLE),
        "spark": None,
        "total_return": back["total_return"],
    } | {key: back[key] for key in ("sharpe_ratio", "max_drawdown")}
    assert float(str(back["total_return"])) == WHOLE["total_return"]
