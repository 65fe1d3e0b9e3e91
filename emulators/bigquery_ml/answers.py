"""The tables that table functions answer: numbers computed here, joined with what was given."""

from collections.abc import Iterable

from emulators.bigquery_ml import clusters, factorisation, imported, recommending, searching
from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.factorisation import Settings
from emulators.bigquery_ml.models import Column, Model
from emulators.bigquery_ml.tables import Table, Tables

_NUMBER = Column("n", "INTEGER")
_ROW = "_n"


def quote(name: str) -> str:
    return f"`{name}`"


class Answers:
    """`given` is always a table with its rows numbered in `_n`, from `Engine`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def of(self, function: str, model: Model, given: Table | None) -> Table:
        """What `ML.<function>` answers. Raises `Refused`."""
        kind = model.about.type
        if kind == factorisation.TYPE:
            answer = await self._of_factorisation(function, model, given)
        elif kind == clusters.TYPE:
            answer = await self._of_clusters(function, model, given)
        elif function == "PREDICT" and given is not None:
            predicted = imported.predict(model, await self._features(given, model))
            answer = await self._beside(given, imported.outputs(model), predicted)
        else:
            answer = None
        if answer is None:
            how = "without" if given is None else "with"
            raise Refused(f"ML.{function} {how} data of a model of type {kind} is not known here")
        return answer

    async def ratings(self, given: Table, settings: Settings) -> Table:
        """`u`, `i` and `r`, without rows that lack one."""
        columns = [_column(given, name) for name in (settings.user, settings.item, settings.rating)]
        user, item, rating = (quote(column.name) for column in columns)
        return await self._tables.make(
            f"SELECT {user} AS u, {item} AS i, CAST({rating} AS FLOAT64) AS r "  # noqa: S608
            f"FROM {given.quoted} WHERE {user} IS NOT NULL AND {item} IS NOT NULL "
            f"AND {rating} IS NOT NULL"
        )

    async def search(
        self,
        base: Table,
        queries: Table,
        *,
        column: str,
        query_column: str,
        top_k: str,
        distance: str,
        wanted: set[str] | None,
    ) -> Table:
        """VECTOR_SEARCH's `query`, `base` and `distance`, of the columns only that are wanted.

        Raises `Refused`.
        """
        kind = (distance or "EUCLIDEAN").upper()
        if kind not in searching.DISTANCES:
            raise Refused(f"VECTOR_SEARCH: distance_type {kind} is not known here")
        if top_k and not (top_k.isdigit() and int(top_k) > 0):
            raise Refused("VECTOR_SEARCH: top_k is to be a number from 1 on")
        if not query_column:
            names = {each.name.lower() for each in queries.columns}
            lists = [each.name for each in queries.columns if each.repeated]
            query_column = column if column.lower() in names else (lists or [column])[0]
        found = searching.nearest(
            await self._vectors(base, column),
            await self._vectors(queries, query_column),
            int(top_k or searching.TOP_K),
            kind,
        )
        columns = [Column("q", "INTEGER"), Column("b", "INTEGER"), Column("d", "FLOAT")]
        kept = await self._tables.keep(columns, found)
        return await self._tables.make(
            f"SELECT {_struct('query', queries, wanted)} AS query, "  # noqa: S608
            f"{_struct('base', base, wanted)} AS base, "
            f"found.d AS distance FROM {kept.quoted} AS found "
            f"JOIN {queries.quoted} AS query ON query.{_ROW} = found.q "
            f"JOIN {base.quoted} AS base ON base.{_ROW} = found.b"
        )

    async def _of_factorisation(
        self, function: str, model: Model, given: Table | None
    ) -> Table | None:
        if function == "RECOMMEND":
            return await self._recommend(model, given)
        if function == "EVALUATE":
            return await self._evaluate_ranking(model, given)
        if function == "WEIGHTS" and given is None:
            return await self._tables.keep(recommending.WEIGHTS, recommending.weights(model))
        return None

    async def _of_clusters(self, function: str, model: Model, given: Table | None) -> Table | None:
        if function == "CENTROIDS" and given is None:
            return await self._tables.keep(clusters.CENTROIDS, clusters.centroids(model))
        if function == "EVALUATE":
            rows = None if given is None else await self._features(given, model)
            return await self._tables.keep(clusters.EVALUATION, clusters.evaluate(model, rows))
        if function == "PREDICT" and given is not None:
            predicted = clusters.predict(model, await self._features(given, model))
            return await self._beside(given, clusters.PREDICTION, predicted)
        return None

    async def _recommend(self, model: Model, given: Table | None) -> Table:
        settings = factorisation.settings_in(model)
        columns = [] if given is None else _shown(given)
        by_name = {column.name.lower(): column for column in columns}
        user, item = by_name.get(settings.user.lower()), by_name.get(settings.item.lower())
        for column, trained in zip((user, item), model.about.columns, strict=False):
            if column is not None and column.type != trained.type:
                raise Refused(
                    f"ML.RECOMMEND: {column.name} is {column.type}, the model's {trained.type}"
                )
        if given is not None and user is not None and item is not None:
            rows = await self._rows(given, {"n": _ROW, "u": user.name, "i": item.name})
            scored = recommending.pairs(model, rows)
            return await self._beside(given, [Column(settings.predicted, "FLOAT")], scored)
        if given is not None and (len(columns) != 1 or user is item is None):
            raise Refused(
                f"ML.RECOMMEND is given {settings.user}, {settings.item}, or both of them; "
                "other columns only beside both"
            )
        users = await self._rows(given, {"u": user.name}) if given and user else None
        items = await self._rows(given, {"i": item.name}) if given and item else None
        user_type, item_type = model.about.columns[0].type, model.about.columns[1].type
        scores = await self._tables.keep(
            [Column("u", user_type), Column("p", "FLOAT", "REPEATED")],
            recommending.all_pairs(model, users, items),
        )
        named = await self._tables.keep(
            [Column("i", item_type), Column("o", "INTEGER")], recommending.items_of(model, items)
        )
        return await self._tables.make(
            f"SELECT score AS {quote(settings.predicted)}, scores.u AS {quote(settings.user)}, "  # noqa: S608
            f"named.i AS {quote(settings.item)} "
            f"FROM {scores.quoted} AS scores, UNNEST(scores.p) AS score WITH OFFSET AS at "
            f"JOIN {named.quoted} AS named ON named.o = at"
        )

    async def _evaluate_ranking(self, model: Model, given: Table | None) -> Table:
        rows = None
        if given is not None:
            settings = factorisation.settings_in(model)
            factorisation.check(given.columns, settings)
            rows = await self._tables.rows(await self.ratings(given, settings))
        evaluated = recommending.evaluate(model, rows)
        return await self._tables.keep(recommending.EVALUATION, evaluated)

    async def _features(self, given: Table, model: Model) -> bytes:
        names = [_column(given, column.name).name for column in model.about.columns]
        wanted = {
            trained.name: name for trained, name in zip(model.about.columns, names, strict=True)
        }
        return await self._rows(given, {_ROW: _ROW, **wanted})

    async def _vectors(self, given: Table, column: str) -> bytes:
        found = _column(given, column)
        if not found.repeated or found.type not in {"FLOAT", "FLOAT64"}:
            raise Refused(f"VECTOR_SEARCH: column {found.name} is to be ARRAY<FLOAT64>")
        return await self._rows(given, {"n": _ROW, "v": found.name})

    async def _rows(self, given: Table, names: dict[str, str]) -> bytes:
        """Columns of a table, under other names."""
        named = ", ".join(f"{quote(name)} AS {quote(shown)}" for shown, name in names.items())
        return await self._tables.rows(
            await self._tables.make(f"SELECT {named} FROM {given.quoted}")  # noqa: S608
        )

    async def _beside(self, given: Table, columns: list[Column], rows: Iterable[bytes]) -> Table:
        """What was given with more columns in front, from rows of these and `n`."""
        kept = await self._tables.keep([_NUMBER, *columns], rows)
        new = {column.name.lower() for column in columns}
        named = [
            *(f"added.{quote(column.name)}" for column in columns),
            *(
                f"given.{quote(column.name)}"
                for column in _shown(given)
                if column.name.lower() not in new
            ),
        ]
        return await self._tables.make(
            f"SELECT {', '.join(named)} FROM {kept.quoted} AS added "  # noqa: S608
            f"JOIN {given.quoted} AS given ON given.{_ROW} = added.n"
        )


def _shown(table: Table) -> list[Column]:
    return [column for column in table.columns if column.name != _ROW]


def _column(table: Table, name: str) -> Column:
    """Names of columns are the same in capitals. Raises `Refused`."""
    for column in table.columns:
        if column.name.lower() == name.lower():
            return column
    raise Refused(f"Column {name} is not found")


def _struct(alias: str, table: Table, wanted: set[str] | None) -> str:
    shown = _shown(table)
    # A vector for each pair that is found is what makes an answer large.
    used = [column for column in shown if wanted is None or column.name.lower() in wanted]
    names = [quote(column.name) for column in used or shown]
    return f"STRUCT({', '.join(f'{alias}.{name} AS {name}' for name in names)})"
