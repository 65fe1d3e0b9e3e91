"""How long, how much, how often: the figures that units and their resources agree on."""

# Two hours of audio take about a quarter of an hour on one CPU; the job has four, and an hour.
MAX_DURATION_S = 2 * 3600
MAX_UPLOAD_BYTES = 1024**3
JOB_TIMEOUT_S = 3600
JOB_RETRIES = 1
# An upload hangs when its job, with its retries, must have ended.
STALE_AFTER_S = JOB_TIMEOUT_S * (1 + JOB_RETRIES) + 600
MAX_ATTEMPTS = 3

# Millions of plays take an hour or two to learn from, three times over; four CPUs do it.
TRAINING_TIMEOUT_S = 6 * 3600
# With fewer plays there is nothing to learn that the other models do not know.
LEAST_PLAYS_TO_TRAIN = 50_000

# How long catalog-rpc trusts what it holds in memory when it hears of no change.
CACHE_TTL_S = 60
# A signed stream outlives the longest track and a pause for dinner.
STREAM_TTL_S = 6 * 3600

# Changes to tables are small steps; one that takes longer wants a job of its own.
MIGRATION_TIMEOUT_S = 600

# A new base of a million tracks takes a minute or two, and fits in twice this memory.
INDEXING_TIMEOUT_S = 540
INDEXING_MEMORY = "2Gi"
API_TIMEOUT_S = 60
# The longest that a function may answer; players that are told of changes stay connected.
PUSH_TIMEOUT_S = 3600
EVENTS_TIMEOUT_S = 120
# Longer than a handler may take, so that nothing is delivered twice while it is being handled.
ACK_DEADLINE_S = EVENTS_TIMEOUT_S + 60
INDEXING_ACK_DEADLINE_S = INDEXING_TIMEOUT_S + 60
# Who holds something about people: each confirms when it has erased a person.
ERASURE_SERVICES = ("catalog", "library", "media", "playback", "recommendations", "search")
# A message that fails is tried for about two and a half hours, then kept for a person to see.
MAX_DELIVERY_ATTEMPTS = 20
