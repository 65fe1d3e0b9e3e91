"""A model of listening: listeners are mixtures of few interests, each a vector.

A track is a vector: one of its own, one of its artist, and what it sounds like, so that a track
that nobody has played has one too. In an interest, chances are in proportion to exp(z·v + b); a
session is of one interest. A listener's interests are found from what they have played, by
expectation and maximisation, unrolled: so the same steps serve the training and the night.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from functions.recommendations.models.deep import HALVED_AFTER, HISTORY, SESSIONS
from functions.recommendations.training.sequences import NOTHING

# How much a session is held to belong to whichever start it is nearest to, by their cosine.
_NEARNESS = 8.0
_LEAST = 1e-6


@dataclass(frozen=True)
class Shape:
    """`rounds` of expectation and maximisation, each of one step."""

    length: int = HISTORY
    size: int = 24
    interests: int = 2
    rounds: int = 10
    # How often a track has to do without its own vector, so that sound and artist are learned.
    forgotten: float = 0.2


class Vectors(nn.Module):
    """All tracks as vectors; index 0 is what is no track.

    `sound`: tracks x dimensions, zeros where it is not known. `artist`: tracks, from 0.
    """

    sound: Tensor
    artist: Tensor

    def __init__(self, sound: Tensor, artist: Tensor, shape: Shape) -> None:
        super().__init__()
        self.register_buffer("sound", sound)
        self.register_buffer("artist", artist)
        count = len(sound)
        self.own = nn.Embedding(count, shape.size)
        self.of_artist = nn.Embedding(int(artist.max()) + 1, shape.size)
        self.heard = nn.Linear(sound.shape[1], shape.size, bias=False)
        self.bias = nn.Embedding(count, 1)
        self.bias_of_artist = nn.Embedding(int(artist.max()) + 1, 1)
        self._forgotten = shape.forgotten
        nn.init.normal_(self.own.weight, std=0.02)
        nn.init.normal_(self.of_artist.weight, std=0.02)
        nn.init.zeros_(self.bias.weight)
        nn.init.zeros_(self.bias_of_artist.weight)

    def forward(self) -> tuple[Tensor, Tensor]:
        """Vectors (tracks x size) and biases (tracks)."""
        own, bias = self.own.weight, self.bias.weight
        if self.training:
            kept = (torch.rand(len(own), 1) >= self._forgotten).float()
            own, bias = own * kept, bias * kept
        vectors = own + self.of_artist(self.artist) + self.heard(self.sound)
        return vectors, (bias + self.bias_of_artist(self.artist)).squeeze(1)


@dataclass(frozen=True)
class Listened:
    """What n listeners played in each of their last sessions, the newest first.

    `vectors` (n x sessions x size) and `biases` are the sums over the plays, `count` is how many.
    """

    vectors: Tensor
    biases: Tensor
    count: Tensor

    def only(self, chosen: Tensor) -> "Listened":
        """`chosen`: n x sessions, 1 or 0."""
        return Listened(
            self.vectors * chosen.unsqueeze(2), self.biases * chosen, self.count * chosen
        )


@dataclass(frozen=True)
class Mixture:
    """Interests (n x interests x size), logarithms of their chances, and of their sums.

    The sum of an interest is over all tracks, of exp(z·v + b).
    """

    interests: Tensor
    chances: Tensor
    sums: Tensor

    def of_sessions(self, listened: Listened) -> Tensor:
        """Logarithms of chances to play all of a session: n x sessions x interests."""
        said = torch.matmul(listened.vectors, self.interests.transpose(1, 2))
        return (
            said + listened.biases.unsqueeze(2) - listened.count.unsqueeze(2) * self.sums[:, None]
        )


class Network(nn.Module):
    """From plays to what may be wanted next."""

    def __init__(self, sound: Tensor, artist: Tensor, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.tracks = Vectors(sound, artist, shape)
        # Where an interest lies that nothing is known of, and how far each step towards what was
        # played goes.
        self.usual = nn.Parameter(torch.zeros(shape.size))
        self.spread = nn.Parameter(torch.full((shape.size,), -0.5))
        self.haste = nn.Parameter(torch.zeros(()))
        # Sessions that each interest is held to have had before any is known, as a logarithm.
        self.had = nn.Parameter(torch.zeros(()))

    @staticmethod
    def listened(vectors: Tensor, biases: Tensor, history: Tensor, session: Tensor) -> Listened:
        """`history` and `session` are n x plays, and `NOTHING` in the first is padding."""
        numbers = torch.arange(SESSIONS + 1).view(1, -1, 1)
        there = (history != NOTHING).unsqueeze(1)
        belongs = ((session.unsqueeze(1) == numbers) & there).float()
        return Listened(
            torch.matmul(belongs, functional.embedding(history, vectors)),
            torch.matmul(belongs, biases[history].unsqueeze(2)).squeeze(2),
            belongs.sum(dim=2),
        )

    def mixture(
        self, listened: Listened, vectors: Tensor, biases: Tensor, *, learned: int = 0
    ) -> Mixture:
        """What listeners are interested in; `vectors` and `biases` are of all tracks.

        In training, gradients flow through the last rounds only, so many as are `learned`.
        """
        with torch.no_grad():
            belongs = self._begun(listened, vectors, biases)
            found = self.usual.expand(belongs.shape[0], self.shape.interests, -1)
            for number in range(self.shape.rounds - learned):
                found, belongs = self._round(
                    found, belongs, listened, vectors, biases, first=number == 0
                )
        for _ in range(learned):
            found, belongs = self._round(found, belongs, listened, vectors, biases)
        return self._mixed(found, belongs, torch.matmul(found, vectors.T) + biases)

    def now(self, mixture: Mixture, listened: Listened) -> Mixture:
        """The same, as what was played in the session that goes on speaks for each interest."""
        of_session = mixture.of_sessions(listened)[:, 0]
        return Mixture(
            mixture.interests,
            torch.log_softmax(mixture.chances + of_session, dim=1),
            mixture.sums,
        )

    @staticmethod
    def scores_of_all(mixture: Mixture, vectors: Tensor, biases: Tensor) -> Tensor:
        """Logarithms of chances of tracks that are the same for all n: n x tracks."""
        each = torch.matmul(mixture.interests, vectors.T)
        weight = (mixture.chances - mixture.sums).unsqueeze(2)
        return torch.logsumexp(each + weight, dim=1) + biases

    @staticmethod
    def scores_of_each(mixture: Mixture, vectors: Tensor, biases: Tensor) -> Tensor:
        """n x m, for m tracks of each of the n: vectors are n x m x size, biases n x m."""
        each = torch.matmul(mixture.interests, vectors.transpose(1, 2))
        weight = (mixture.chances - mixture.sums).unsqueeze(2)
        return torch.logsumexp(each + weight, dim=1) + biases

    def _begun(self, listened: Listened, vectors: Tensor, biases: Tensor) -> Tensor:
        """Which session is of which interest, at first: n x sessions x interests.

        Interests begin with sessions that lie far from each other.
        """
        count = listened.count
        usual = torch.matmul(torch.softmax(biases, 0), vectors)
        away = listened.vectors - count.unsqueeze(2) * usual
        away = away / (away.norm(dim=2, keepdim=True) + _LEAST)
        numbers = torch.arange(count.shape[1]).unsqueeze(0)
        # Of equals the newest.
        starts, nearest, far = [], torch.full_like(count, -1.0), count - 1e-3 * numbers
        for _ in range(self.shape.interests):
            chosen = (numbers == far.argmax(dim=1, keepdim=True)).float().unsqueeze(1)
            starts.append(torch.matmul(chosen, away))
            alike = torch.matmul(away, starts[-1].transpose(1, 2)).squeeze(2)
            nearest = torch.maximum(nearest, alike)
            far = (1 - nearest) * count.sqrt()
        centres = torch.cat(starts, dim=1)
        there = count.unsqueeze(2)
        for _ in range(3):
            alike = torch.matmul(away, centres.transpose(1, 2))
            parts = torch.softmax(_NEARNESS * alike, dim=2) * there
            centres = torch.matmul(parts.transpose(1, 2), away)
            centres = centres / (centres.norm(dim=2, keepdim=True) + _LEAST)
        alike = torch.matmul(away, centres.transpose(1, 2))
        return torch.softmax(_NEARNESS * alike, dim=2) * (there > 0).float()

    def _round(
        self,
        interests: Tensor,
        belongs: Tensor,
        listened: Listened,
        vectors: Tensor,
        biases: Tensor,
        *,
        first: bool = False,
    ) -> tuple[Tensor, Tensor]:
        """What belongs to the interests, and the interests a step nearer to that."""
        scores = torch.matmul(interests, vectors.T) + biases
        found = self._mixed(interests, belongs, scores)
        if not first:
            likely = found.of_sessions(listened) + found.chances.unsqueeze(1)
            there = (listened.count > 0).float().unsqueeze(2)
            belongs = torch.softmax(likely, dim=2) * there
        plays = (belongs * listened.count.unsqueeze(2)).sum(dim=1).unsqueeze(2)
        played = torch.matmul(belongs.transpose(1, 2), listened.vectors)
        expected = torch.matmul(torch.exp(scores - found.sums.unsqueeze(2)), vectors)
        towards = played - plays * expected - (interests - self.usual)
        haste = 1.5 * torch.sigmoid(self.haste)
        step = haste * towards / (1 + plays * functional.softplus(self.spread))
        return interests + step, belongs

    def _mixed(self, interests: Tensor, belongs: Tensor, scores: Tensor) -> Mixture:
        """Old sessions say less of how often an interest is played. `scores` are of all tracks."""
        ago = torch.arange(belongs.shape[1])
        weight = torch.exp(ago * (-math.log(2) / HALVED_AFTER)).view(1, -1, 1)
        sessions = (belongs * weight).sum(dim=1) + torch.exp(self.had)
        chances = torch.log(sessions / sessions.sum(dim=1, keepdim=True))
        return Mixture(interests, chances, torch.logsumexp(scores, dim=2))
