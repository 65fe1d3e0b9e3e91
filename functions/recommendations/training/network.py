"""A sequential model of listening, of the kind of SASRec: causal self-attention over plays.

A track is a vector: one of its own, one of its artist, and what it sounds like, so that a track
that nobody has played has one too. What somebody may want next is a few vectors with a weight
each, for a listener has several tastes: chances are in proportion to Σₖ exp(aₖ + qₖ·v + b).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from functions.recommendations.models.deep import HISTORY
from functions.recommendations.training.sequences import NOTHING


@dataclass(frozen=True)
class Shape:
    """`tastes`: how many vectors speak for a listener at once."""

    length: int = HISTORY
    size: int = 64
    blocks: int = 2
    heads: int = 2
    tastes: int = 2
    dropout: float = 0.1
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
        self.heard = nn.Linear(sound.shape[1], shape.size)
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


class Block(nn.Module):
    """Attention, and two layers for each place; normalised before."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        size = shape.size
        self._heads = shape.heads
        self._each = size // shape.heads
        self.before_attention = nn.LayerNorm(size)
        self.before_layers = nn.LayerNorm(size)
        self.projected = nn.Linear(size, 3 * size)
        self.joined = nn.Linear(size, size)
        self.layers = nn.Sequential(
            nn.Linear(size, 2 * size), nn.GELU(approximate="tanh"), nn.Linear(2 * size, size)
        )
        self.dropout = nn.Dropout(shape.dropout)
        # By how many plays ago, and for a play of the same session.
        self.ago = nn.Parameter(torch.zeros(shape.heads, shape.length))
        self.same_session = nn.Parameter(torch.zeros(shape.heads, 1, 1))

    def forward(self, x: Tensor, distance: Tensor, same_session: Tensor, hidden: Tensor) -> Tensor:
        """x: n x places x size. `hidden`, added to the scores, is -inf for what is not seen."""
        rows, places, _ = x.shape
        mixed = self.projected(self.before_attention(x))
        mixed = mixed.view(rows, places, 3, self._heads, self._each).permute(2, 0, 3, 1, 4)
        query, key, value = mixed[0], mixed[1], mixed[2]
        scores = torch.matmul(query, key.transpose(2, 3)) * self._each**-0.5
        scores = scores + self.ago[:, distance] + self.same_session * same_session + hidden
        seen = torch.matmul(torch.softmax(scores, dim=3), value)
        x = x + self.dropout(
            self.joined(seen.transpose(1, 2).reshape(rows, places, self._heads * self._each))
        )
        return x + self.dropout(self.layers(self.before_layers(x)))


class Network(nn.Module):
    """From plays to what may be wanted next."""

    def __init__(self, sound: Tensor, artist: Tensor, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.tracks = Vectors(sound, artist, shape)
        self.marks = nn.Embedding(4, shape.size)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.blocks))
        self.last = nn.LayerNorm(shape.size)
        self.dropout = nn.Dropout(shape.dropout)
        self.tastes = nn.Linear(shape.size, shape.tastes * shape.size)
        self.weights = nn.Linear(shape.size, shape.tastes)
        nn.init.normal_(self.marks.weight, std=0.02)

    def states(self, vectors: Tensor, track: Tensor, mark: Tensor) -> Tensor:
        """n x places x size: after each play of n x places, padded in front."""
        x = self.dropout(functional.embedding(track, vectors) + self.marks(mark))
        places = track.shape[1]
        at = torch.arange(places)
        distance = (at[:, None] - at[None, :]).clamp(min=0, max=self.shape.length - 1)
        # The lowest bit of a mark; ONNX has no bitwise operators before its opset 18.
        ended = mark % 2
        after = torch.cumsum(ended, dim=1)
        # A play belongs to the session before its own mark; what is looked for comes after it.
        same_session = (after[:, :, None] == (after - ended)[:, None, :]).float().unsqueeze(1)
        seen = (at[:, None] >= at[None, :]) & (track != NOTHING)[:, None, :]
        # Padding sees itself, so that there always is something to see.
        seen = seen | (at[:, None] == at[None, :])
        hidden = torch.where(seen, 0.0, -1e9).unsqueeze(1)
        for block in self.blocks:
            x = block(x, distance, same_session, hidden)
        normal: Tensor = self.last(x)
        return normal

    def wanted(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """n x size → n x tastes x size, and n x tastes."""
        tastes = self.tastes(states).view(-1, self.shape.tastes, self.shape.size)
        return tastes, self.weights(states)

    def scores_of_all(self, states: Tensor, vectors: Tensor, biases: Tensor) -> Tensor:
        """n x tracks, for tracks that are the same for all n."""
        tastes, weights = self.wanted(states)
        each = torch.matmul(tastes, vectors.T) + weights.unsqueeze(2)
        return torch.logsumexp(each, dim=1) + biases

    def scores_of_each(self, states: Tensor, vectors: Tensor, biases: Tensor) -> Tensor:
        """n x m, for m tracks of each of the n: vectors are n x m x size, biases n x m."""
        tastes, weights = self.wanted(states)
        each = torch.matmul(tastes, vectors.transpose(1, 2)) + weights.unsqueeze(2)
        return torch.logsumexp(each, dim=1) + biases
