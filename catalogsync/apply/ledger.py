"""The ledger of a run: what calls were charged and is still to be kept, by address and operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from catalogsync.model.charges import Payer
from catalogsync.model.spend import Charge, NoteCharges


@dataclass(slots=True)
class Ledger:
    """Collects the charges of the run; who writes them to the state takes them with `due`.

    `balance` tells what the account has left after the last answer, None when that is not known.
    """

    run_id: str
    balance: Callable[[], int | None]
    _due: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)

    def payer(self, address: str) -> Payer:
        """Takes the charges of what is done for an address."""
        return partial(self._charge, address)

    def due(self) -> tuple[NoteCharges, ...]:
        """What is to be kept with the next commit: nothing, or one write."""
        if not self._due:
            return ()
        charges = tuple(Charge(*key, cost) for key, cost in self._due.items())
        self._due.clear()
        return (NoteCharges(self.run_id, charges, self.balance()),)

    def put_back(self, notes: tuple[NoteCharges, ...]) -> None:
        """They could not be kept: the next commit tries again."""
        for note in notes:
            for charge in note.charges:
                self._charge(charge.address, charge.operation, charge.credits)

    def _charge(self, address: str, operation: str, cost: int) -> None:
        self._due[address, operation] += cost
