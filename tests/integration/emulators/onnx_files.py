"""Small ONNX models, written as their protocol buffers lie in a file.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

import struct

_FLOAT, _INT64 = 1, 7
_INT_ATTRIBUTE = 2
_OPSET = 17
_IR_VERSION = 8


def weighted_sum(weights: list[float]) -> bytes:
    """For lists `features`: `score`, the sum of the numbers by weight, and `twice` the list."""
    size = len(weights)
    nodes = [
        _node("MatMul", ["features", "weights"], "score"),
        _node("Add", ["features", "features"], "twice"),
    ]
    numbers = struct.pack(f"<{size}f", *weights)
    initializer = _number(1, size) + _number(2, _FLOAT) + _text(8, "weights") + _bytes(9, numbers)
    graph = (
        b"".join(_bytes(1, node) for node in nodes)
        + _text(2, "graph")
        + _bytes(5, initializer)
        + _bytes(11, _value("features", ["rows", size]))
        + _bytes(12, _value("score", ["rows"]))
        + _bytes(12, _value("twice", ["rows", size]))
    )
    opset = _text(1, "") + _number(2, _OPSET)
    return _number(1, _IR_VERSION) + _bytes(7, graph) + _bytes(8, opset)


def candidates_by_sums(history: int, candidates: int) -> bytes:
    """For lists of whole numbers `history`, `sessions` and `candidates`: `scores`, a number each.

    A candidate's is itself times the sums, over its place from 1 on times the number there: of
    hundred-thousandths of the history, and of ten-thousandths of the sessions.
    """
    places = [float(place) for place in range(1, history + 1)]
    weights = {
        "of_history": [each / 100_000 for each in places],
        "of_sessions": [each / 10_000 for each in places],
    }
    nodes = [
        _cast("history", "history_numbers"),
        _cast("sessions", "session_numbers"),
        _cast("candidates", "candidate_numbers"),
        _node("MatMul", ["history_numbers", "of_history"], "history_sum"),
        _node("MatMul", ["session_numbers", "of_sessions"], "session_sum"),
        _node("Add", ["history_sum", "session_sum"], "sum"),
        _node("Mul", ["candidate_numbers", "sum"], "scores"),
    ]
    sizes = {"history": history, "sessions": history, "candidates": candidates}
    graph = (
        b"".join(_bytes(1, node) for node in nodes)
        + _text(2, "graph")
        + b"".join(_bytes(5, _column(name, each)) for name, each in weights.items())
        + b"".join(_bytes(11, _value(name, ["rows", size], _INT64)) for name, size in sizes.items())
        + _bytes(12, _value("scores", ["rows", candidates]))
    )
    return _number(1, _IR_VERSION) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, _OPSET))


def _column(name: str, numbers: list[float]) -> bytes:
    """An initializer of one column."""
    raw = struct.pack(f"<{len(numbers)}f", *numbers)
    sizes = _number(1, len(numbers)) + _number(1, 1)
    return sizes + _number(2, _FLOAT) + _text(8, name) + _bytes(9, raw)


def _cast(name: str, output: str) -> bytes:
    attribute = _text(1, "to") + _number(3, _FLOAT) + _number(20, _INT_ATTRIBUTE)
    return _node("Cast", [name], output) + _bytes(5, attribute)


def _node(kind: str, inputs: list[str], output: str) -> bytes:
    return b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)


def _value(name: str, shape: list[str | int], kind: int = _FLOAT) -> bytes:
    dimensions = b"".join(
        _bytes(1, _text(2, each) if isinstance(each, str) else _number(1, each)) for each in shape
    )
    tensor = _number(1, kind) + _bytes(2, dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
