"""The deep model on a made-up log whose oracle is known: what to play next in a session, and what
it adds to the ranking of what a listener has not heard.

    python -m tests.bench.recommend_deep [USERS] [TRACKS] [PLAYS] [ASKED] [SEED]

It needs the groups `recommend-bench` and `recommendations-training`.
"""

import os
import sys
import warnings

# Before NumPy and torch are loaded: others have threads of their own, and idle ones are not to
# keep a processor busy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from functions.recommendations.training import fitting
from tests.bench.recommending import beside, deep, sessions
from tests.bench.recommending.data import Data, Part, of_log
from tests.bench.recommending.listening import Log, listen
from tests.bench.recommending.world import Shape, World, make

# Of matrices that `implicit` converts itself.
warnings.filterwarnings("ignore", module="implicit")


def main(users: int, tracks: int, plays: int, most: int, seed: int) -> None:
    world = make(Shape(users, tracks, plays, seed))
    log = listen(world)
    data = of_log(world, log)
    print(f"seed {seed}: {users:,} listeners, {tracks:,} tracks, {len(log):,} plays")
    model = deep.trained(data, Part.test, fitting.Settings(seed=seed, threads=1))
    in_sessions(world, log, data, most, model)
    compared = beside.compare(data, world.oracle, most, model, seed=seed)
    beside.report("what they had not heard", compared)


def in_sessions(world: World, log: Log, data: Data, most: int, model: deep.Trained) -> None:
    listening = sessions.by_time(log)
    asked = sessions.ask(listening, float(world.shape.split), most, seed=world.shape.seed)
    playable = data.before(Part.test).playable
    rankers = {
        "popularity": sessions.popularity(asked, data),
        "oracle": sessions.oracle(world, asked),
        "knows both moods": sessions.either(world, listening, asked),
        **sessions.peers(listening, asked, data),
        "deep model": sessions.interests(listening, asked, model),
    }
    figures = {name: sessions.ndcg(each, asked, playable) for name, each in rankers.items()}
    sessions.report(figures, asked)


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*given, *(10_000, 4_000, 1_000_000, 4_000, 7)[len(given) :])
