"""What a plan gives its listener beyond listening itself."""

# They keep tracks offline, and hear lossless.
PAYING_PLANS = frozenset({"premium", "family"})
