from clients.cli.speaker.outputs import cut, volume_db


def test_ffmpeg_counts_from_where_its_input_begins() -> None:
    command = ["ffmpeg", "-i", "pipe:0", "-af", "volume=-3.00dB", "-f", "alsa", "default"]

    assert cut(command, 12, 13.5)[4] == "atrim=start=1.500,asetpts=PTS-STARTPTS,volume=-3.00dB"


def test_ffplay_counts_as_the_pieces_do() -> None:
    command = ["ffplay", "-nodisp", "-af", "volume=1.00dB", "-i", "pipe:0"]

    filters = "atrim=start=13.500,asetpts=PTS-STARTPTS,volume=1.00dB"
    assert cut(command, 12, 13.5) == ["ffplay", "-nodisp", "-af", filters, "-i", "pipe:0"]


def test_full_volume_takes_nothing_away() -> None:
    assert volume_db(100) == 0
    assert volume_db(0) == -60
    assert all(volume_db(at) < volume_db(at + 1) for at in range(10, 100))
