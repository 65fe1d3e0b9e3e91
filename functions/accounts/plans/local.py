"""Payments where there is no payment provider: nothing is charged, and every receipt says so."""

from functions.accounts.plans.provider import (
    Charge,
    Choice,
    News,
    NoWebhooks,
    Outcome,
    Paid,
)

NOTE = "No money moves: this platform has no payment provider."


class LocalPayments:
    """Says yes to everything, and takes nothing."""

    name = "local"
    note = NOTE

    async def checkout(self, choice: Choice) -> str | None:
        return None

    async def charge(self, charge: Charge) -> Outcome:
        return Paid(
            reference=f"local-{charge.id}",
            receipt=f"{NOTE} {charge.description}: {charge.amount} would have been charged.",
        )

    async def forget(self, customer: str) -> None:
        """Knows nobody."""

    async def news(self, body: bytes, signature: str) -> News:
        raise NoWebhooks("Service not found")
