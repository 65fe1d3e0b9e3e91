"""Recommendations on a made-up log whose oracle is known, on a log without structure, and on
ML-100k: every model in the same run, every item ranked, intervals by bootstrap over listeners.

    python -m tests.bench.recommend [USERS] [TRACKS] [PLAYS] [LISTENERS ASKED] [SEED]

`implicit` and SciPy are in the group `recommend-bench`. What cannot be had is left out.
"""

import os
import sys
import time
import warnings

# Before NumPy is loaded: `implicit` has threads of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.bench import packages
from tests.bench.recommending import movielens
from tests.bench.recommending.compare import compare, report
from tests.bench.recommending.data import of_log
from tests.bench.recommending.listening import listen
from tests.bench.recommending.world import Shape, make

# The control is as telling when it is small.
_CONTROL = (5_000, 2_000, 500_000)


# Of matrices that `implicit` converts itself.
warnings.filterwarnings("ignore", module="implicit")


def main(users: int, tracks: int, plays: int, most: int, seed: int) -> None:
    made_up("a made-up log", Shape(users, tracks, plays, seed), most)
    control = Shape(*(min(*pair) for pair in zip((users, tracks, plays), _CONTROL, strict=True)))
    made_up("a log without structure", control.without_structure(), most)
    try:
        films = movielens.load()
    except packages.NotHere as reason:
        print(f"without ML-100k: {reason}")
    else:
        report("ML-100k", *compare(films, None, most, seed=seed))


def made_up(what: str, shape: Shape, most: int) -> None:
    began = time.perf_counter()
    world = make(shape)
    log = listen(world)
    print(f"{what}, seed {shape.seed}: {shape.users:,} listeners, {shape.tracks:,} tracks, "
          f"{len(log):,} plays, made in {time.perf_counter() - began:.1f} s")  # fmt: skip
    report(what, *compare(of_log(world, log), world.oracle, most, seed=shape.seed))


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*given, *(50_000, 20_000, 5_000_000, 5_000, 7)[len(given) :])
