"""Values as Pulumi's programs send them to its engine, made plain Python, and back."""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
from google.protobuf import struct_pb2
from pulumi.output import UNKNOWN
from pulumi.runtime import rpc


def plain(struct: struct_pb2.Struct, base: Path) -> dict[str, Any]:
    """A message's values: secrets out of their envelopes, whole numbers as int.

    Assets and archives are kept, their paths made absolute from `base`. A value that is not yet
    known in a preview is `pulumi.output.Unknown`.
    """
    values = rpc.deserialize_properties(struct, keep_unknowns=True)
    return {key: _plain(value, base) for key, value in values.items()}


def _plain(value: Any, base: Path) -> Any:
    match value:
        case dict() if rpc.is_rpc_secret(value):
            secret = rpc.unwrap_rpc_secret(value)
            plain = UNKNOWN if secret is None else _plain(secret, base)
        case dict():
            plain = {key: _plain(item, base) for key, item in value.items()}
        case list():
            plain = [_plain(item, base) for item in value]
        case float() if value.is_integer():
            plain = int(value)
        case pulumi.AssetArchive():
            plain = pulumi.AssetArchive(_plain(value.assets, base))
        case pulumi.FileAsset() | pulumi.FileArchive():
            plain = type(value)(os.path.normpath(base / value.path))
        case _:
            plain = value
    return plain


def overlay(
    struct: struct_pb2.Struct, values: Mapping[str, Any], secret_names: Collection[str] = ()
) -> struct_pb2.Struct:
    """The message with plain values laid over it, object into object.

    What is not named stays as it came, secrets and unknowns marked; `secret_names` become secret.
    """
    result = struct_pb2.Struct()
    result.CopyFrom(struct)
    for name, value in values.items():
        if name in secret_names:
            result[name] = rpc.wrap_rpc_secret(value)
        elif isinstance(value, Mapping):
            # Only to ask for a field that is not there would add it.
            known = struct.fields[name] if name in struct.fields else struct_pb2.Value()
            inner = overlay(known.struct_value, value)
            result.fields[name].CopyFrom(struct_pb2.Value(struct_value=inner))
        else:
            result[name] = value
    return result


def unknown_until_deployed(
    computed: Mapping[str, Any], inputs: Mapping[str, Any]
) -> dict[str, Any]:
    """The computed outputs as a preview sees them: known is only what the inputs say."""
    seen: dict[str, Any] = {}
    for name, value in computed.items():
        given = inputs.get(name)
        if isinstance(value, Mapping) and isinstance(given, Mapping):
            seen[name] = unknown_until_deployed(value, given)
        else:
            seen[name] = value if value == given else rpc.UNKNOWN
    return seen


def secret_paths(struct: struct_pb2.Struct) -> Iterator[str]:
    """Dotted paths of the secret values in a message (`secretData`, `envs.0.value`)."""
    for key, value in struct.fields.items():
        yield from _secret_paths(value, key)


def _secret_paths(value: struct_pb2.Value, path: str) -> Iterator[str]:
    if value.WhichOneof("kind") == "list_value":
        for index, item in enumerate(value.list_value.values):
            yield from _secret_paths(item, f"{path}.{index}")
    elif value.WhichOneof("kind") == "struct_value":
        fields = value.struct_value.fields
        if (
            rpc._special_sig_key in fields
            and fields[rpc._special_sig_key].string_value == rpc._special_secret_sig
        ):
            yield path
        else:
            for key, item in fields.items():
                yield from _secret_paths(item, f"{path}.{key}")
