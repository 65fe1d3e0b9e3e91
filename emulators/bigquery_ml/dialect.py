"""BigQuery's SQL with the statements and table functions about models, as SQLGlot trees.

SQLGlot knows CREATE MODEL, ML.PREDICT and VECTOR_SEARCH; the other functions are added here.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.errors import SqlglotError
from sqlglot.parsers.bigquery import BigQueryParser
from sqlglot.tokenizer_core import Token, TokenType

from emulators.bigquery_ml.errors import Refused

_ADDED = ("CENTROIDS", "EVALUATE", "RECOMMEND", "WEIGHTS")
_TABLE_FUNCTIONS = {*_ADDED, "PREDICT"}
_SCALAR_FUNCTIONS = {"DISTANCE"}
_VECTOR_SEARCH = "VECTOR_SEARCH"
_STATEMENTS = {"ALTER", "CREATE", "DROP", "EXPORT"}
# Between CREATE and MODEL.
_FILLERS = {"OR", "REPLACE", "TEMP", "TEMPORARY"}


class ModelFunction(exp.Expression, exp.Func):
    """`ML.NAME(MODEL this[, expression][, params_struct])`; `name` is in capitals."""

    arg_types: ClassVar[dict[str, bool]] = {
        "this": True,
        "expression": False,
        "params_struct": False,
        "function": True,
    }
    _sql_names: ClassVar[list[str]] = []


def _parser_of(name: str) -> Callable[[Any], exp.Expr]:
    def parse(parser: Any) -> exp.Expr:
        # Somebody's own function of this name is only a function.
        before = parser._tokens[max(0, parser._index - 4) : parser._index - 2]
        if [token.text.upper() for token in before] != ["ML", "."]:
            return exp.Anonymous(this=name, expressions=parser._parse_function_args())
        parser._match_text_seq("MODEL")
        function = ModelFunction(this=parser._parse_table_parts(), function=name)
        if parser._match(TokenType.COMMA) and not parser._match(TokenType.STRUCT, advance=False):
            parser._match_text_seq("TABLE")
            function.set("expression", parser._parse_table())
            parser._match(TokenType.COMMA)
        function.set("params_struct", parser._parse_bitwise())
        return function

    return parse


class BigQueryMl(BigQuery):
    """The dialect `bigquery` with `ModelFunction`."""

    class Parser(BigQueryParser):
        FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {
            **BigQueryParser.FUNCTION_PARSERS,
            **{name: _parser_of(name) for name in (*_ADDED, "PREDICT")},
        }


def concerns_models(sql: str) -> bool:
    """Whether a statement is ours to carry out; raises `Refused` for what is not known here."""
    try:
        tokens = BigQueryMl().tokenize(sql)
    except SqlglotError:
        return False  # BigQuery's emulator says what is wrong with it
    found = [_named_by(tokens, at) for at in range(len(tokens))]
    return any(found)


def parse(sql: str) -> exp.Expr:
    """The only statement of the text; raises `Refused`."""
    try:
        statements = [each for each in BigQueryMl().parse(sql) if each is not None]
    except SqlglotError as error:
        raise Refused(f"Syntax error: {plain(error)}") from error
    if len(statements) != 1:
        raise Refused(
            "A script with statements about models is not carried out here: send them one by one"
        )
    return statements[0]


def plain(error: SqlglotError) -> str:
    """The first error without the marks for a terminal."""
    errors: Sequence[dict[str, Any]] = getattr(error, "errors", [])
    if not errors:
        return str(error)
    first = errors[0]
    return f"{first['description']} at [{first['line']}:{first['col']}]"


def _named_by(tokens: list[Token], at: int) -> bool:
    """Whether something about models begins at this token."""
    text = tokens[at].text.upper()
    if tokens[at].token_type in (TokenType.STRING, TokenType.IDENTIFIER):
        return False
    following = [token.text.upper() for token in tokens[at + 1 : at + 4]]
    if text == "ML" and following[:1] == ["."] and following[2:] == ["("]:
        _refuse_unknown(following[1])
        return True
    if text == _VECTOR_SEARCH and following[:1] == ["("]:
        return True
    return text in _STATEMENTS and _begins(tokens, at) and _is_about_a_model(tokens, at)


def _refuse_unknown(function: str) -> None:
    if function not in _TABLE_FUNCTIONS | _SCALAR_FUNCTIONS:
        known = ", ".join(sorted(f"ML.{name}" for name in _TABLE_FUNCTIONS | _SCALAR_FUNCTIONS))
        raise Refused(f"ML.{function} is not known here; what is known: {known}, VECTOR_SEARCH")


def _begins(tokens: list[Token], at: int) -> bool:
    """Whether a statement begins at this token."""
    before = tokens[at - 1].text.upper() if at else ";"
    return before in {";", "BEGIN", "THEN", "ELSE", "DO", "LOOP"}


def _is_about_a_model(tokens: list[Token], at: int) -> bool:
    verb = tokens[at].text.upper()
    after = (token.text.upper() for token in tokens[at + 1 : at + 5])
    is_model = next((word for word in after if word not in _FILLERS), "") == "MODEL"
    if is_model and verb not in {"CREATE", "DROP"}:
        raise Refused(f"{verb} MODEL is not known here; CREATE MODEL and DROP MODEL are")
    return is_model
