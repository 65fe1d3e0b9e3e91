import datetime
import io
import json
import zipfile

from functions.accounts.privacy import archive

NASTY = "<script>alert(1)</script>'; DROP TABLE users; -- \u202e \U0001d518"


def test_the_archive_is_json_files_and_a_text_that_explains_them() -> None:
    packed = archive.pack(
        {
            "accounts/users": [{"name": NASTY, "at": datetime.datetime(2026, 1, 1)}],  # noqa: DTZ001
            "media/uploads": [],
        },
        at="2026-01-01",
    )
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert opened.testzip() is None
        names = ["README.txt", "accounts/users.json", "media/uploads.json"]
        assert opened.namelist() == names
        [row] = json.loads(opened.read("accounts/users.json"))
        assert row["name"] == NASTY
        assert "media/uploads" in opened.read("README.txt").decode()


def test_the_text_does_not_speak_of_what_is_not_there() -> None:
    packed = archive.pack({"accounts/users": []}, at="2026-01-01")
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        assert "other parts" not in opened.read("README.txt").decode()
