"""Turns to write: one at a time among threads and among processes, and never a dead holder's."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from base import turns
from base.turns import Turn

HOLD = """
import sys, time
from base.turns import Turn
Turn(sys.argv[1]).take()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "turn")


def test_one_thread_waits_until_the_other_gives_back(path):
    turn, order = Turn(path), []
    assert turn.take()

    def wait():
        assert turn.take()
        order.append("second")
        turn.give_back()

    thread = threading.Thread(target=wait)
    thread.start()
    order.append("first")
    turn.give_back()
    thread.join(60)
    assert order == ["first", "second"]


def test_another_holder_of_the_same_file_keeps_it_from_us(path, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.02)
    ours, theirs = Turn(path), Turn(path)
    assert theirs.take()
    assert not ours.take()
    theirs.give_back()
    assert ours.take()
    ours.give_back()


def test_a_turn_that_never_came_is_not_kept_from_the_next_who_asks(path, monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.02)
    turn = Turn(path)
    assert turn.take()
    assert not turn.take()
    turn.give_back()
    assert turn.take()
    turn.give_back()


def test_a_process_that_is_killed_holds_nobody_up(path):
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        os.kill(holder.pid, signal.SIGKILL)
        assert Turn(path).take()


def test_a_folder_that_is_gone_leaves_the_word_to_the_database(tmp_path):
    assert not Turn(str(tmp_path / "gone" / "turn")).take()
