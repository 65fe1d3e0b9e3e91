from shared.mixes import MOST_DAILY_MIXES, Kind, mix_id, mix_ids


def test_a_persons_mixes_are_known_by_their_ids() -> None:
    theirs = mix_ids("ada")
    assert len(theirs) == MOST_DAILY_MIXES + len(Kind) - 1
    for number in range(1, MOST_DAILY_MIXES + 1):
        assert mix_id("ada", Kind.daily_mix, number) in theirs
    assert mix_id("ada", Kind.daily_mix, MOST_DAILY_MIXES + 1) not in theirs
    assert {mix_id("ada", kind) for kind in Kind if kind is not Kind.daily_mix} < theirs
    assert theirs.isdisjoint(mix_ids("bob"))
