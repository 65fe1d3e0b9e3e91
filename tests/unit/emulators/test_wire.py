"""Messages of Pulumi's engine become plain values and back, with nothing lost."""

from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import Unknown
from pulumi.runtime import rpc

from emulators.wire import overlay, plain, secret_paths, unknown_until_deployed

BASE = Path("/program")
NAMES = st.text("abc", min_size=1, max_size=3)
LEAVES = st.booleans() | st.integers(-(2**50), 2**50) | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)


def _message(values: dict[str, Any]) -> struct_pb2.Struct:
    message = struct_pb2.Struct()
    message.update(values)
    return message


@given(OBJECTS)
def test_plain_values_come_back(values: dict[str, Any]) -> None:
    assert plain(_message(values), BASE) == values


@given(OBJECTS)
def test_secrets_come_out_of_their_envelopes(values: dict[str, Any]) -> None:
    wrapped = {name: rpc.wrap_rpc_secret(value) for name, value in values.items()}
    message = _message(wrapped)
    assert plain(message, BASE) == values
    assert set(secret_paths(message)) == set(values)


def test_secret_paths_lead_into_lists_and_objects() -> None:
    secret = rpc.wrap_rpc_secret("hush")
    message = _message({"a": [{"b": secret}, "c"], "d": {"e": {"f": secret}}, "g": "h"})
    assert set(secret_paths(message)) == {"a.0.b", "d.e.f"}


def test_unknown_values_stay_unknown() -> None:
    message = _message({"a": rpc.UNKNOWN, "b": rpc.wrap_rpc_secret(rpc.UNKNOWN)})
    values = plain(message, BASE)
    assert isinstance(values["a"], Unknown)
    assert isinstance(values["b"], Unknown)


def test_overlay_keeps_what_it_does_not_name() -> None:
    message = _message({"a": {"b": rpc.wrap_rpc_secret("hush"), "c": 1}, "d": 2})
    result = overlay(message, {"a": {"c": 3}, "e": {"f": 4}, "g": "key"}, {"g"})
    assert plain(result, BASE) == {"a": {"b": "hush", "c": 3}, "d": 2, "e": {"f": 4}, "g": "key"}
    assert set(secret_paths(result)) == {"a.b", "g"}
    assert plain(message, BASE) == {"a": {"b": "hush", "c": 1}, "d": 2}


@given(OBJECTS, OBJECTS)
def test_overlay_on_nothing_is_what_is_laid(values: dict[str, Any], others: dict[str, Any]) -> None:
    assert plain(overlay(struct_pb2.Struct(), values), BASE) == values
    merged = plain(overlay(_message(others), values), BASE)
    assert merged.keys() == values.keys() | others.keys()


def test_before_deployment_only_inputs_are_known() -> None:
    computed = {"name": "n", "uri": "u", "config": {"size": 1, "uri": "u"}}
    seen = unknown_until_deployed(computed, {"name": "n", "config": {"size": 1}})
    assert seen == {
        "name": "n",
        "uri": rpc.UNKNOWN,
        "config": {"size": 1, "uri": rpc.UNKNOWN},
    }
