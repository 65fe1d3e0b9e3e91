"""Carries out statements about models: trains, answers table functions, passes the rest on."""

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from emulators.bigquery_ml import clusters, factorisation, imported
from emulators.bigquery_ml.answers import Answers, quote
from emulators.bigquery_ml.dialect import ModelFunction, parse
from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import Model, Models
from emulators.bigquery_ml.objects import Objects
from emulators.bigquery_ml.statements import (
    CreateModel,
    Defaults,
    DropModel,
    about_a_model,
    calls,
    model_name,
    names_around,
    replace_distances,
    sql_of,
    with_what_is_in_scope,
)
from emulators.bigquery_ml.tables import DATASET, Setting, Table, Tables

CREATED, DROPPED = "CREATE_MODEL", "DROP_MODEL"


@dataclass(frozen=True)
class Statement:
    """What names in it belong to, and its tables."""

    defaults: Defaults
    tables: Tables


class Engine:
    """`slot` is for what keeps a processor busy: one at a time."""

    def __init__(self, models: Models, objects: Objects) -> None:
        self._models = models
        self._objects = objects
        self._slot = asyncio.Semaphore(1)

    async def carry_out(
        self, setting: Setting, tables: Tables, configuration: dict[str, Any], id: str
    ) -> str:
        """What was done; "" for a query, which then is a job `id` of BigQuery's emulator.

        Raises `Refused`.
        """
        statement = Statement(_defaults(setting), tables)
        query = configuration["query"]
        tree = await asyncio.to_thread(parse, query["query"])
        asked = about_a_model(tree, statement.defaults)
        if isinstance(asked, DropModel):
            if not asked.if_exists or self._models.exists(asked.name):
                self._models.drop(asked.name)
            return DROPPED
        if isinstance(asked, CreateModel):
            await self._create(asked, statement)
            return CREATED
        if isinstance(tree, exp.Create) and tree.args.get("kind") == "VIEW":
            raise Refused("A view of what a model answers is not known here; make a table of it")
        sql = sql_of(await self._answered(tree, statement))
        await statement.tables.submit({**configuration, "query": {**query, "query": sql}}, id)
        return ""

    async def _create(self, asked: CreateModel, statement: Statement) -> None:
        name = asked.name
        if not await statement.tables.has_dataset(name.project, name.dataset):
            raise Refused(f"Not found: Dataset {name.project}:{name.dataset}", "notFound")
        if self._models.exists(name) and not asked.replace:
            if asked.if_not_exists:
                return
            raise Refused(f"Already Exists: Model {name}", "duplicate")
        model = await self._trained(asked, statement)
        await asyncio.to_thread(self._models.save, name, model)

    async def _trained(self, asked: CreateModel, statement: Statement) -> Model:
        options = asked.options
        kind = str(options.get("model_type", "")).upper()
        if kind == imported.TYPE:
            if asked.query is not None:
                raise Refused("CREATE MODEL: an imported model is not trained; leave out AS")
            content = await self._objects.read_model(*imported.place(options))
            return await asyncio.to_thread(imported.load, content, options)
        if kind not in {factorisation.TYPE, clusters.TYPE}:
            known = ", ".join((factorisation.TYPE, clusters.TYPE, imported.TYPE))
            raise Refused(f"CREATE MODEL: model_type={kind!r} is not known here; {known} are")
        if asked.query is None:
            raise Refused("CREATE MODEL: AS and a query of the training data are expected")
        # Checked before anything is read.
        if kind == factorisation.TYPE:
            settings = factorisation.settings_of(options)
        tables = statement.tables
        given = await tables.make(sql_of(await self._answered(asked.query, statement)))
        if kind == factorisation.TYPE:
            factorisation.check(given.columns, settings)
            ratings = await Answers(tables).ratings(given, settings)
            rows, columns, train = await tables.rows(ratings), ratings.columns, factorisation.train
        else:
            clusters.check(given.columns, options)
            rows, columns, train = await tables.rows(given), given.columns, clusters.train
        async with self._slot:
            return await asyncio.to_thread(train, rows, columns, options)

    async def _answered(self, tree: exp.Expr, statement: Statement) -> exp.Expr:
        """The tree with a table in place of each call of a table function of ours."""
        tree = replace_distances(tree)
        for call in calls(tree):
            if call.root() is not tree:
                continue  # it stood within another, which is answered
            answer = await self._answer(call, statement)
            call.set("this", exp.to_identifier(answer.name, quoted=True))
            call.set("db", exp.to_identifier(DATASET, quoted=True))
            call.set("catalog", exp.to_identifier(answer.project, quoted=True))
        return tree

    async def _answer(self, call: exp.Table, statement: Statement) -> Table:
        function = call.this
        if isinstance(function, exp.VectorSearch):
            return await self._search(call, function, statement)
        assert isinstance(function, ModelFunction)
        if function.args.get("params_struct") is not None:
            raise Refused(f"ML.{function.args['function']}: its settings (STRUCT) are not known")
        name = model_name(function.this, statement.defaults)
        model = await asyncio.to_thread(self._models.load, name)
        given = await self._input(function.args.get("expression"), call, statement)
        async with self._slot:
            return await Answers(statement.tables).of(function.args["function"], model, given)

    async def _search(
        self, call: exp.Table, function: exp.VectorSearch, statement: Statement
    ) -> Table:
        base = await self._input(function.this, call, statement)
        queries = await self._input(function.args["query_table"], call, statement)
        assert base is not None
        assert queries is not None
        named = {
            key: each.expression if isinstance(each, exp.Kwarg) else each
            for key, each in function.args.items()
        }
        async with self._slot:
            return await Answers(statement.tables).search(
                base,
                queries,
                column=named["column_to_search"].name,
                query_column=_text(named.get("query_column_to_search")),
                top_k=_text(named.get("top_k")),
                distance=_text(named.get("distance_type")),
                wanted=names_around(call),
            )

    async def _input(
        self, given: exp.Expr | None, call: exp.Table, statement: Statement
    ) -> Table | None:
        """What a table function is given, as a table with numbered rows."""
        if given is None:
            return None
        query = with_what_is_in_scope(given, call)
        if query.find(exp.Placeholder) is not None:
            raise Refused("What a table function is given can have named parameters only")
        sql = sql_of(await self._answered(query, statement))
        return await statement.tables.make(sql, f"*, ROW_NUMBER() OVER () AS {quote('_n')}")


def _defaults(setting: Setting) -> Defaults:
    given = setting.given.get("defaultDataset") or {}
    return Defaults(setting.project, given.get("datasetId", ""), given.get("projectId", ""))


def _text(literal: exp.Expr | None) -> str:
    if literal is None:
        return ""
    if not isinstance(literal, exp.Literal):
        raise Refused("VECTOR_SEARCH: top_k, distance_type and columns are to be literals")
    return str(literal.name)
