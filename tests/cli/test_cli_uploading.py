"""Uploads in words: how much, how fast, how long still, at a bearable rhythm."""

from __future__ import annotations

import pytest

from catalogsync.cli.uploading import RHYTHM, Pace, Uploads
from catalogsync.model.events import UploadProgress

MB = 1_000_000


class Told:
    """`at(seconds, sent)` is what is said when so much was sent by then."""

    def __init__(self, size: int) -> None:
        self.now = 0.0
        self.size = size
        self.uploads = Uploads(clock=lambda: self.now)

    def at(self, seconds: float, sent: int) -> str | None:
        self.now = seconds
        return self.uploads.line_of(UploadProgress("product.A", "a.glb", sent, self.size))


def test_a_file_that_is_quickly_sent_is_worth_no_line():
    told = Told(2 * MB)
    assert [told.at(0.0, MB), told.at(1.0, 2 * MB)] == [None, None]


def test_a_file_that_takes_long_is_told_every_ten_seconds_with_rate_and_time_left_and_at_its_end():
    told = Told(60 * MB)
    lines = [told.at(float(second), second * 2 * MB) for second in range(1, 31)]
    assert [line for line in lines if line] == [
        "product.A: Uploading a.glb... [22.0 MB of 60.0 MB, 2.0 MB/s, 19s left]",
        "product.A: Uploading a.glb... [42.0 MB of 60.0 MB, 2.0 MB/s, 9s left]",
        "product.A: Uploaded a.glb after 29s (60.0 MB, 2.1 MB/s)",
    ]
    assert RHYTHM == 10.0


def test_a_file_that_starts_over_says_so_and_counts_anew():
    told = Told(60 * MB)
    told.at(0.0, 10 * MB)
    assert told.at(1.0, MB) == "product.A: Uploading a.glb starts over"
    assert told.at(12.0, 12 * MB) == "product.A: Uploading a.glb... [12.0 MB of 60.0 MB, 1.0 MB/s, 48s left]"


def test_a_file_that_was_sent_whole_and_refused_starts_over_too():
    told = Told(2 * MB)
    told.at(0.0, 2 * MB)
    assert told.at(1.0, MB) == "product.A: Uploading a.glb starts over"
    assert told.at(2.0, 2 * MB) is None


def test_files_side_by_side_are_told_apart():
    uploads = Uploads(clock=lambda: 0.0)
    first = uploads.pace_of(UploadProgress("product.A", "a.glb", 1, 10))
    second = uploads.pace_of(UploadProgress("product.B", "a.glb", 2, 10))
    assert (first.amount, second.amount) == (1, 2)


@pytest.mark.parametrize(
    ("points", "text"),
    [
        ([], "0 B of 10.0 MB"),
        ([(5.0, MB)], "1.0 MB of 10.0 MB"),
        ([(6.0, MB)], "1.0 MB of 10.0 MB, 1.0 MB/s, 9s left"),
        ([(6.0, MB), (7.0, 3 * MB)], "3.0 MB of 10.0 MB, 2.0 MB/s, 3s left"),
        ([(6.0, MB), (30.0, MB), (31.0, 3 * MB)], "3.0 MB of 10.0 MB, 2.0 MB/s, 3s left"),
        ([(6.0, MB), (20.0, MB)], "1.0 MB of 10.0 MB"),
    ],
)
def test_the_rate_is_that_of_the_last_seconds(points, text):
    pace = Pace(10 * MB, began=5.0)
    for at, amount in points:
        pace.sent(at, amount)
    assert pace.text == text
