"""The balance after several calls at once: answers overtake each other."""

import itertools

import pytest

from catalogsync.api.settings import CreditMeter


@pytest.mark.parametrize("balances", list(itertools.permutations((9, 8, 7))))
def test_of_calls_under_way_together_the_lowest_balance_is_kept(balances):
    meter = CreditMeter()
    with meter.reserved(), meter.reserved(), meter.reserved():
        for balance in balances:
            meter.note(balance, "read")
    assert (meter.spent, meter.available) == (3, 7)


def test_credits_that_are_bought_meanwhile_show_once_nothing_is_under_way():
    meter = CreditMeter()
    for balance in (9, 8, 1007, None):
        with meter.reserved():
            meter.note(balance, "read")
    assert (meter.spent, meter.available) == (4, 1007)
