"""Which payment provider the platform has."""

from functions.accounts.plans.local import LocalPayments
from functions.accounts.plans.provider import PaymentProvider
from functions.accounts.plans.stripe import StripePayments


def provider_of(
    *, stripe_secret_key: str, stripe_webhook_secret: str = "", public_url: str = ""
) -> PaymentProvider:
    """Stripe where there is a key for it. Renewals alone need no secret and no address."""
    if not stripe_secret_key:
        return LocalPayments()
    return StripePayments(
        secret_key=stripe_secret_key,
        webhook_secret=stripe_webhook_secret,
        return_url=f"{public_url}/account/plan",
    )
