"""What a statement about models asks for, read from its tree."""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from emulators.bigquery_ml.dialect import BigQueryMl, ModelFunction
from emulators.bigquery_ml.errors import Refused
from emulators.bigquery_ml.models import ModelName

Options = dict[str, Any]
"""Each a string, a number, a truth value or a list of these; named in small letters."""


@dataclass(frozen=True)
class CreateModel:
    """`query` is what follows AS, if anything does."""

    name: ModelName
    replace: bool
    if_not_exists: bool
    options: Options
    query: exp.Expr | None


@dataclass(frozen=True)
class DropModel:
    name: ModelName
    if_exists: bool


@dataclass(frozen=True)
class Defaults:
    """What names without a project, or without a dataset, belong to."""

    project: str
    dataset: str = ""
    dataset_project: str = ""


def about_a_model(tree: exp.Expr, defaults: Defaults) -> CreateModel | DropModel | None:
    """The statement, if it makes or drops a model; raises `Refused`."""
    if isinstance(tree, exp.Drop) and tree.args.get("kind") == "MODEL":
        [table] = tree.args["tables"]
        return DropModel(model_name(table, defaults), if_exists=bool(tree.args.get("exists")))
    if not isinstance(tree, exp.Create) or tree.args.get("kind") != "MODEL":
        return None
    if not isinstance(tree.this, exp.Table):
        raise Refused("CREATE MODEL: a model's name is expected")
    return CreateModel(
        name=model_name(tree.this, defaults),
        replace=bool(tree.args.get("replace")),
        if_not_exists=bool(tree.args.get("exists")),
        options=_options(tree),
        query=tree.expression,
    )


def model_name(table: exp.Table, defaults: Defaults) -> ModelName:
    """Raises `Refused` for a name that is none, or lacks its dataset."""
    if not table.db and not defaults.dataset:
        raise Refused(f'Model "{table.name}" must be qualified with a dataset (e.g. dataset.model)')
    project = table.catalog or (defaults.project if table.db else defaults.dataset_project)
    name = ModelName(project or defaults.project, table.db or defaults.dataset, table.name)
    if not name.is_valid():
        raise Refused(f"Invalid model name {name}")
    return name


def calls(tree: exp.Expr) -> list[exp.Table]:
    """The tables that are calls of our table functions, those in WITH first, as they stand."""
    found = []
    for node in tree.find_all(ModelFunction, exp.VectorSearch, bfs=False):
        if not isinstance(node.parent, exp.Table):
            raise Refused("ML functions that answer tables and VECTOR_SEARCH stand in FROM only")
        found.append(node.parent)
    # SQLGlot keeps WITH behind what uses it.
    return sorted(found, key=lambda table: table.find_ancestor(exp.CTE) is None)


def with_what_is_in_scope(query: exp.Expr, call: exp.Table) -> exp.Expr:
    """A copy of the query with the WITH clauses before it, if it may name something of them."""
    query = query.copy()
    if isinstance(query, exp.Subquery):
        query = query.unnest()
    elif isinstance(query, exp.Table):
        query = exp.select("*").from_(query)
    if all(table.db for table in query.find_all(exp.Table)):
        return query
    ctes = _in_scope(call)
    if not ctes:
        return query
    own = query.args.get("with_")
    query.set("with_", exp.With(expressions=[*ctes, *(own.expressions if own else [])]))
    return query


def names_around(search: exp.Table) -> set[str] | None:
    """In small letters what a statement names beside a search; None where it may ask for all."""
    statement = search.root()
    whole = {"base", "query"}
    names: set[str] = set()
    # What the search itself is given is no use of what it answers.
    for node in statement.walk(prune=lambda node: node is search.this):
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            return None
        if isinstance(node, exp.Column) and node.name.lower() in whole:
            return None
        if isinstance(node, exp.Identifier):
            names.add(node.name.lower())
    return names


def replace_distances(tree: exp.Expr) -> exp.Expr:
    """`ML.DISTANCE` written as functions that BigQuery's emulator has."""
    for dot in list(tree.find_all(exp.Dot, bfs=False)):
        call = dot.expression
        is_ours = dot.this.name.upper() == "ML" and isinstance(call, exp.Anonymous)
        if is_ours and call.name.upper() == "DISTANCE":
            replacement = _distance(call.expressions)
            if dot is tree:
                return replacement
            dot.replace(replacement)
    return tree


def sql_of(tree: exp.Expr) -> str:
    return str(tree.sql(dialect=BigQueryMl))


_DISTANCES = {
    "EUCLIDEAN": "EUCLIDEAN_DISTANCE({0}, {1})",
    "COSINE": "COSINE_DISTANCE({0}, {1})",
    "MANHATTAN": (
        "(SELECT SUM(ABS(_left - _right)) FROM UNNEST({0}) AS _left WITH OFFSET AS _i "
        "JOIN UNNEST({1}) AS _right WITH OFFSET AS _j ON _i = _j)"
    ),
}


def _distance(arguments: list[exp.Expr]) -> exp.Expr:
    if len(arguments) not in (2, 3):
        raise Refused("ML.DISTANCE takes two vectors and, if wanted, the kind of distance")
    kind = arguments[2].name.upper() if len(arguments) == 3 else "EUCLIDEAN"
    if kind not in _DISTANCES:
        raise Refused(f"ML.DISTANCE: {kind or 'this kind of distance'} is not known")
    text = _DISTANCES[kind].format(*(sql_of(each) for each in arguments[:2]))
    return BigQueryMl().parse(f"SELECT {text}")[0].expressions[0]  # type: ignore[no-any-return,union-attr]


def _in_scope(call: exp.Table) -> list[exp.Expr]:
    """The common table expressions that a query in place of `call` may name, outer ones first."""
    found: list[exp.Expr] = []
    below: exp.Expr = call
    node = call.parent
    while node is not None:
        if isinstance(node, exp.With):
            before = node.expressions[: node.expressions.index(below)]
            found = [*(cte.copy() for cte in before), *found]
        elif (clause := node.args.get("with_")) is not None and clause is not below:
            found = [*(cte.copy() for cte in clause.expressions), *found]
        below, node = node, node.parent
    return found


def _options(tree: exp.Create) -> Options:
    properties = tree.args.get("properties")
    options: Options = {}
    for each in properties.expressions if properties is not None else []:
        if not isinstance(each, exp.Property) or type(each) is not exp.Property:
            kind = type(each).__name__.removesuffix("Property")
            raise Refused(f"CREATE MODEL: the clause {kind.upper()} is not known here")
        options[each.name.lower()] = _value(each.args["value"])
    return options


def _value(node: exp.Expr) -> Any:
    if isinstance(node, exp.Neg):
        return -_value(node.this)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Array):
        return [_value(each) for each in node.expressions]
    if isinstance(node, exp.Literal):
        if node.is_string:
            return node.this
        text = str(node.this)
        return int(text) if text.isdigit() else float(text)
    raise Refused(f"CREATE MODEL: an option's value is to be a literal, not {sql_of(node)}")
