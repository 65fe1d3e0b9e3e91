"""What the local cloud computes in Google's place."""

import base64
from pathlib import Path

import pytest

from emulators import postgres, redis
from emulators.addresses import FUNCTION, PRIVATE_KEY, RANDOM_BYTES, SERVICE, Addresses
from emulators.state import StateFolder


@pytest.fixture
def addresses(tmp_path: Path) -> Addresses:
    return Addresses(StateFolder(tmp_path))


def test_each_unit_has_one_port_of_its_own(addresses: Addresses) -> None:
    ports = {unit: addresses.port_of(unit) for unit in ("catalog-api", "media-api")}
    assert len(set(ports.values())) == 2
    assert {unit: addresses.port_of(unit) for unit in ports} == ports


def test_functions_and_services_answer_at_their_port(addresses: Addresses) -> None:
    function = addresses.compute(
        FUNCTION, "logical", {"name": "media-api", "serviceConfig": {"timeoutSeconds": 60}}
    )
    url = f"http://127.0.0.1:{addresses.port_of('media-api')}"
    assert function["url"] == url
    assert function["serviceConfig"] == {
        "timeoutSeconds": 60,
        "service": "media-api",
        "uri": url,
    }
    service = addresses.compute(SERVICE, "catalog-rpc", {})
    assert service == {"uri": f"http://127.0.0.1:{addresses.port_of('catalog-rpc')}"}


def test_random_bytes_outlive_a_run(addresses: Addresses, tmp_path: Path) -> None:
    first = addresses.compute(RANDOM_BYTES, "key", {"length": 16})
    again = Addresses(StateFolder(tmp_path)).compute(RANDOM_BYTES, "key", {"length": 16})
    assert first == again
    assert base64.b64decode(first["base64"]) == bytes.fromhex(first["hex"])
    assert len(first["hex"]) == 32


def test_keys_outlive_a_run(addresses: Addresses, tmp_path: Path) -> None:
    first = addresses.compute(PRIVATE_KEY, "signing-key-1", {"ecdsaCurve": "P256"})
    again = Addresses(StateFolder(tmp_path)).compute(PRIVATE_KEY, "signing-key-1", {})
    other = addresses.compute(PRIVATE_KEY, "signing-key-2", {})
    assert first == again != other
    assert first["privateKeyPemPkcs8"].startswith("-----BEGIN PRIVATE KEY-----")
    assert first["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")


def test_the_database_is_dialled_at_its_port(addresses: Addresses) -> None:
    """Without a connection's name: that would ask for Google's connector."""
    port = addresses.port_of(postgres.NAME)
    computed = addresses.compute(postgres.INSTANCE, "accounts", {})
    assert computed == {"connectionName": "", "privateIpAddress": f"127.0.0.1:{port}"}


def test_redis_is_dialled_at_its_port(addresses: Addresses) -> None:
    computed = addresses.compute(redis.INSTANCE, "limits", {})
    assert computed == {"host": "127.0.0.1", "port": addresses.port_of(redis.NAME)}


def test_the_rest_is_as_in_the_cloud(addresses: Addresses) -> None:
    assert addresses.compute("gcp:pubsub/topic:Topic", "t", {}) == {}
