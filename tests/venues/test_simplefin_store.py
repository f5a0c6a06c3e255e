from __future__ import annotations

import multiprocessing
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from git_qoc.desk.secrets import Secret
from git_qoc.errors import RateLimited, VenueError
from git_qoc.model import HealthStatus
from git_qoc.venues.simplefin import SimpleFin
from git_qoc.venues.simplefin_store import INTERVAL, State
from tests.desk.leaks import found_in
from tests.venues import alpaca_faults as fault
from tests.venues.simplefin_server import NOON, PASSWORD, USER, SimpleFinServer, account, transaction
from tests.venues.test_simplefin import D, read, settings

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


def test_all_that_is_asked_at_once_is_one_request_and_the_answer_is_kept_for_72_minutes(
    tmp_path: Path,
) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server:
        assert read(SimpleFin(settings(server, tmp_path)), NOON, NOON - DAY).health.ok
        server.now += INTERVAL - MINUTE
        assert read(SimpleFin(settings(server, tmp_path)), server.now, NOON).health.ok
        assert len(server.requests) == 1
        server.now += MINUTE
        SimpleFin(settings(server, tmp_path)).health()
        assert len(server.requests) == 2


def test_a_desk_that_is_looked_at_every_minute_asks_24_times_in_any_24_hours() -> None:
    state, asked, now = State(), [], NOON
    for _ in range(3 * 24 * 60):
        if state.wait(now) <= timedelta(0):
            state = state.asked(now)
            asked.append(now)
        now += MINUTE
    windows = [len([time for time in asked if start <= time <= start + DAY]) for start in asked]
    # 4 at once and one every 72 minutes: 4 + 20
    assert max(windows) == windows[0] == 24
    assert len(asked) == 4 + 3 * 20 - 1


def test_every_failed_request_counts_and_one_failure_is_not_four(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server:
        server.faults["*"] = fault.status(503)
        for count in range(1, 5):
            state = read(SimpleFin(settings(server, tmp_path)), NOON)
            assert state.health.reason.endswith("503 (the venue is not available)")
            assert len(server.requests) == count
        with pytest.raises(RateLimited, match=r"no answer yet\. It can be asked in 1 h 12 min") as failure:
            SimpleFin(settings(server, tmp_path)).account()
        assert failure.value.retry_after_s == 72 * 60
        assert len(server.requests) == 4


def test_the_failure_that_takes_the_last_request_is_told_alike_to_all_who_asked(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server:
        server.faults["*"] = fault.status(503)
        for _ in range(4):
            found = SimpleFin(settings(server, tmp_path))
            for ask in (found.health, found.account, found.open_orders):
                with pytest.raises(VenueError, match=r"503 \(the venue is not available\)"):
                    ask()
        assert len(server.requests) == 4


def spent(server: SimpleFinServer, folder: Path) -> None:
    """One answer at noon, then as many failures as leave no request."""
    assert SimpleFin(settings(server, folder)).health() is None
    server.now += INTERVAL
    server.faults["*"] = fault.status(500)
    for _ in range(4):
        with pytest.raises(VenueError, match="500"):
            SimpleFin(settings(server, folder)).health()


def test_with_no_request_left_the_last_answer_is_shown_with_its_age_and_then_not_at_all(
    tmp_path: Path,
) -> None:
    with SimpleFinServer(accounts=[account("100.23")]) as server:
        spent(server, tmp_path)
        server.now += 30 * MINUTE
        state = read(SimpleFin(settings(server, tmp_path)), server.now)
        assert state.health.ok
        assert state.notes == (
            "balances were read 1 h 42 min ago: the bridge's requests are used up, the next is in 42 min",
        )
        state_file = next(tmp_path.glob("simplefin/*.json"))
        kept = state_file.read_text().replace("2026-07-05T16:00:00", "2026-07-05T08:00:00")
        state_file.write_text(kept)  # the last answer is eight hours older
        state = read(SimpleFin(settings(server, tmp_path)), server.now)
    assert state.health.status is HealthStatus.DEGRADED
    assert "used up and the last answer is of 2026-07-05 08:00 UTC" in state.health.reason
    assert state.account is None


def test_a_failure_is_never_covered_by_an_old_answer_while_the_bridge_may_be_asked(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("100.23")]) as server:
        SimpleFin(settings(server, tmp_path)).account()
        server.now += INTERVAL
        server.faults["*"] = fault.status(503)
        with pytest.raises(VenueError, match="503"):
            SimpleFin(settings(server, tmp_path, timeout_s=0.3)).account()


def test_a_late_booking_is_a_flow_when_it_is_first_seen(tmp_path: Path) -> None:
    first = transaction("10", NOON - DAY, "first")
    with SimpleFinServer(accounts=[account("10", transactions=[first])]) as server:
        found = SimpleFin(settings(server, tmp_path))
        assert [flow.flow_id for flow in found.flows(NOON - 2 * DAY)] == ["2930002/first"]
        # The bank books it on the day before the last look, and shows it after that.
        server.accounts[0]["transactions"].append(transaction("5", NOON - 3 * HOUR, "late"))
        server.now += 2 * HOUR
        state = read(found, server.now, NOON)
        assert [(flow.amount_usd, flow.time) for flow in state.flows or ()] == [(D(5), server.now)]
        seen = server.now
        server.now += 2 * HOUR
        assert found.flows(seen) == ()
        assert [flow.amount_usd for flow in found.flows(NOON)] == [5]


def test_a_new_account_brings_its_past_with_it_and_not_as_flows_of_today(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1", "x")]) as server:
        found = SimpleFin(settings(server, tmp_path))
        found.health()
        server.accounts.append(account("9", "y", transactions=[transaction("9", NOON - 5 * DAY)]))
        server.now += 2 * HOUR
        assert found.flows(NOON) == ()
        assert [flow.time for flow in found.flows(NOON - 6 * DAY)] == [NOON - 5 * DAY]


def test_a_transaction_that_is_gone_for_an_hour_is_not_booked_twice(tmp_path: Path) -> None:
    rows = [transaction("10", NOON - DAY, "a")]
    with SimpleFinServer(accounts=[account("10", transactions=rows)]) as server:
        found = SimpleFin(settings(server, tmp_path))
        found.health()
        server.accounts[0]["transactions"] = []
        server.now += 2 * HOUR
        found.health()
        server.accounts[0]["transactions"] = rows
        server.now += 2 * HOUR
        assert found.flows(NOON) == ()


def test_the_file_is_its_owners_alone_and_holds_nothing_that_opens_the_account(tmp_path: Path) -> None:
    row = account("1", transactions=[transaction("5", NOON, description="Uncle Frank's Bait Shop")])
    with SimpleFinServer(accounts=[row]) as server:
        SimpleFin(settings(server, tmp_path)).account()
        SimpleFin(settings(server, tmp_path, name="other")).account()
        assert len(server.requests) == 1
        port = server.address.partition(":")[2]
    folder = tmp_path / "simplefin"
    (kept,) = folder.glob("*.json")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = f"{file.name}\n{file.read_text()}"
        assert found_in(text, {"user": USER, "password": PASSWORD}) == []
        assert "Uncle Frank" not in text
        assert f":{port}" not in text
    assert len(kept.stem) == 16


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"version": 2}', '{"version": 1, "due": "soon"}', "\udc80"]
)
def test_a_file_that_is_none_of_ours_is_as_none(tmp_path: Path, text: str) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server:
        SimpleFin(settings(server, tmp_path)).account()
        (kept,) = tmp_path.glob("simplefin/*.json")
        kept.write_bytes(text.encode(errors="surrogateescape"))
        (kept.parent / f"{kept.stem}.new").write_text("half a file of a process that was killed")
        assert SimpleFin(settings(server, tmp_path)).account().cash is not None
        assert len(server.requests) == 2
        assert not (kept.parent / f"{kept.stem}.new").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        SimpleFinServer() as server,
        pytest.raises(VenueError, match="cannot keep answers"),
    ):
        SimpleFin(settings(server, tmp_path / "file")).account()


def test_a_clock_that_went_back_does_not_silence_the_bridge_for_ever(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server:
        SimpleFin(settings(server, tmp_path)).account()
        server.now -= 30 * DAY
        SimpleFin(settings(server, tmp_path)).account()
        assert len(server.requests) == 2


def test_many_threads_ask_once(tmp_path: Path) -> None:
    with SimpleFinServer(accounts=[account("1")]) as server, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: SimpleFin(settings(server, tmp_path)).account(), range(16)))
        assert len(server.requests) == 1


def _ask(url: str, folder: Path) -> None:
    from git_qoc.model import VenueType
    from git_qoc.venues.base import Settings

    secrets = {"access_url": Secret(url)}
    SimpleFin(Settings("c", VenueType.CASH, secrets, lambda: NOON, folder, 5.0)).account()


def test_processes_ask_once(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    with SimpleFinServer(accounts=[account("1")]) as server:
        processes = [spawn.Process(target=_ask, args=(server.access_url, tmp_path)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0, 0]
        assert len(server.requests) == 1
