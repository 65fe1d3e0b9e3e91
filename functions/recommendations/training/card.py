"""The model card: what a model was made of, what it is for, what was measured, where it ends."""

import datetime

import msgspec

from functions.recommendations.training.deciding import Decision, Figures
from functions.recommendations.training.learner import Made

_USE = (
    "Ranks candidates that other models put forward for one listener, beside their signals. "
    "It is made anew each week and serves this platform only."
)
_LIMITS = (
    "It knows tracks that were in the catalogue when it was trained: others get no score.",
    "It has learned from plays alone: what was shown and not played is not known to it.",
    "What is played much is recommended more, and then played more.",
    "Figures are of candidates that other models put forward, and of listeners who found "
    "something new in the days it was tried on.",
    "Whoever is erased is not in what the next one learns from; what it knows stays until then.",
)


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """What there was to learn from; times are ISO 8601 in UTC."""

    plays: int
    listeners: int
    tracks: int
    tracks_with_sound: int
    tracks_never_played: int
    first_play: str
    last_play: str
    held_out_from: str


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, as it lies beside the model."""

    version: str
    made_at: str
    data: Data
    training: Made
    figures: Figures
    weights: dict[str, float]
    decision: Decision
    intended_use: str = _USE
    limits: tuple[str, ...] = _LIMITS


def iso(at: float) -> str:
    """Of seconds since the epoch."""
    return datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat(timespec="seconds")


def to_json(card: Card) -> bytes:
    return msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"


def to_markdown(card: Card) -> bytes:
    data, training, found = card.data, card.training, card.figures
    became = "promoted" if card.decision.promoted else f"not promoted: {card.decision.reason}"
    lines = [
        f"# Deep model {card.version}",
        "",
        f"Made {card.made_at}; {became}.",
        "",
        "## Data",
        f"- {data.plays:,} plays of {data.listeners:,} listeners, "
        f"from {data.first_play} to {data.last_play}",
        f"- {data.tracks:,} tracks, {data.tracks_with_sound:,} with their sound, "
        f"{data.tracks_never_played:,} that nobody had played",
        f"- Figures: learned from what lies before {data.held_out_from}, tried on what follows",
        "",
        "## Training",
        f"- Seed {training.seed}, {training.epochs} epochs, {training.seconds:.0f} s, "
        f"{training.parameters:,} parameters",
        "- Network: " + ", ".join(f"{name} {value}" for name, value in training.network.items()),
        "- Loss in validation: " + ", ".join(f"{loss:.4f}" for loss in training.losses),
        "- The one in service was trained once more, on all plays",
        "",
        "## nDCG@10",
        f"Of {found.listeners:,} listeners that no weight was learned from, with 95% intervals:",
        "",
        "| | |",
        "|---|---|",
        f"| with the model | {found.with_deep} |",
        f"| without it | {found.without} |",
        f"| the model alone | {found.deep_alone} |",
        f"| in service: {found.against} | {found.in_service} |",
        f"| with it, ahead of without | {found.ahead} |",
        f"| with it, ahead of what is in service | {found.of_service} |",
        "",
        "Weights: " + ", ".join(f"{name} {value:.3f}" for name, value in card.weights.items()),
        "",
        "## Use",
        card.intended_use,
        "",
        "## Limits",
        *(f"- {limit}" for limit in card.limits),
        "",
    ]
    return "\n".join(lines).encode()
