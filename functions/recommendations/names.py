"""What mixes are called."""

from functions.recommendations.model import Mix
from shared.mixes import Kind

_TITLES = {
    Kind.discover_weekly: "Discover Weekly",
    Kind.daily_mix: "Daily Mix {number}",
    Kind.on_repeat: "On Repeat",
    Kind.release_radar: "Release Radar",
    Kind.popular: "Popular now",
}
_DESCRIPTIONS = {
    Kind.discover_weekly: "Music that you have not played yet. New every Monday.",
    Kind.daily_mix: "What you play, and more that goes with it.",
    Kind.on_repeat: "What you play most these weeks.",
    Kind.release_radar: "New releases, picked for you. New every Monday.",
    Kind.popular: "What many people are playing.",
}


def name_of(mix: Mix) -> str:
    """In English."""
    return _TITLES[mix.kind].format(number=mix.number)


def description_of(mix: Mix) -> str:
    """In English; a daily mix names its artists."""
    names = ", ".join(mix.about) if mix.kind is Kind.daily_mix else ""
    return f"{names} and more" if names else _DESCRIPTIONS[mix.kind]
