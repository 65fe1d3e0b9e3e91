"""Small ONNX models, written as their protocol buffers lie in a file.

Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

import struct

_FLOAT = 1
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


def _node(kind: str, inputs: list[str], output: str) -> bytes:
    return b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind)


def _value(name: str, shape: list[str | int]) -> bytes:
    dimensions = b"".join(
        _bytes(1, _text(2, each) if isinstance(each, str) else _number(1, each)) for each in shape
    )
    tensor = _number(1, _FLOAT) + _bytes(2, dimensions)
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
