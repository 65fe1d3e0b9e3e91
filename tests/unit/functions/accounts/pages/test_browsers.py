import pytest

from functions.accounts.pages.browsers import name_of
from tests.unit.functions.accounts.pages.fakes import FIREFOX, IPHONE

CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on iPhone"),
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/140.0", "Edge on Windows"),
        ("curl/8.9", "curl"),
        ("", "Unknown browser"),
    ],
)
def test_names_of_browsers(user_agent: str, name: str) -> None:
    assert name_of(user_agent) == name
