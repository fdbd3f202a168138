"""The broker made of files: every message arrives once, however many write and read."""

import subprocess
import sys
from pathlib import Path

import pytest
from kombu import Connection

import portal.broker  # noqa: F401

MESSAGES = 300
WRITE = """
import sys
from kombu import Connection
import portal.broker
with Connection("portal://localhost", transport_options={options!r}) as connection:
    queue = connection.SimpleQueue("tests")
    for number in range({messages}):
        queue.put(f"{{sys.argv[1]}}-{{number}}")
"""
READ = """
import sys
from queue import Empty
from kombu import Connection
import portal.broker
with Connection("portal://localhost", transport_options={options!r}) as connection:
    queue = connection.SimpleQueue("tests")
    try:
        while True:
            message = queue.get(timeout=3)
            message.ack()
            print(message.payload)
    except Empty:
        pass
"""


@pytest.fixture
def options(tmp_path):
    return {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "control_folder": str(tmp_path / "control"),
        "processed_folder": str(tmp_path / "claimed"),
        "store_processed": True,
        "polling_interval": 0.05,
    }


def test_two_writers_and_two_readers_lose_and_double_nothing(options):
    code = {"options": options, "messages": MESSAGES}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE.format(**code), name]) for name in "ab"
    ]
    readers = [
        subprocess.Popen([sys.executable, "-c", READ.format(**code)], stdout=subprocess.PIPE)
        for _ in range(2)
    ]

    arrived = [line for reader in readers for line in reader.communicate()[0].split()]

    assert all(process.wait() == 0 for process in (*writers, *readers))
    assert len(arrived) == len(set(arrived)) == 2 * MESSAGES


def test_messages_come_in_the_order_they_were_sent(options):
    with Connection("portal://localhost", transport_options=options) as connection:
        queue = connection.SimpleQueue("ordered")
        for number in range(20):
            queue.put(number)

        assert [queue.get(timeout=1).payload for _ in range(20)] == list(range(20))


def test_waiting_messages_can_be_counted_and_thrown_away(options):
    with Connection("portal://localhost", transport_options=options) as connection:
        queue = connection.SimpleQueue("counted")
        queue.put("one")
        queue.put("two")
        channel = connection.default_channel

        assert channel._size("counted") == 2
        assert channel.queue_purge("counted") == 2
        assert channel._size("counted") == 0


def test_a_message_that_a_power_cut_left_empty_does_not_end_the_reader(options):
    with Connection("portal://localhost", transport_options=options) as connection:
        queue = connection.SimpleQueue("cut")
        (Path(options["data_folder_in"]) / "0-cut.cut.msg").write_text("")
        queue.put("the next")

        assert queue.get(timeout=1).payload == "the next"


def test_a_deleted_queue_is_gone_and_can_be_made_again(options):
    with Connection("portal://localhost", transport_options=options) as connection:
        connection.SimpleQueue("shortlived").put("one")
        connection.default_channel.queue_delete("shortlived")
        queue = connection.SimpleQueue("shortlived")
        queue.put("two")

        assert queue.get(timeout=1).payload == "two"
