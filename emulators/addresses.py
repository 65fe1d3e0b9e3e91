"""Where declared things answer on this machine: what the local cloud computes in Google's place."""

import base64
import threading
from collections.abc import Mapping
from typing import Any

from emulators import postgres, redis
from emulators.computed import pem_outputs
from emulators.processes import free_port
from emulators.state import StateFolder

FUNCTION = "gcp:cloudfunctionsv2/function:Function"
SERVICE = "gcp:cloudrunv2/service:Service"
RANDOM_BYTES = "random:index/randomBytes:RandomBytes"
PRIVATE_KEY = "tls:index/privateKey:PrivateKey"


class Addresses:
    """A loopback port for each function, service and server, and secrets that outlive a run."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._ports: dict[str, int] = {}
        # The gathered program registers its resources from several threads.
        self._lock = threading.Lock()

    def port_of(self, unit: str) -> int:
        """The port of a function, a service or an emulator, by its name."""
        with self._lock:
            return self._ports.setdefault(unit, free_port())

    def compute(self, type_token: str, name: str, inputs: dict[str, Any]) -> Mapping[str, Any]:
        """The outputs that differ here from those in the cloud (`emulators.gather.Compute`)."""
        if type_token == FUNCTION:
            url = self._url_of(inputs.get("name", name))
            return {"url": url, "serviceConfig": {**self._service_config(name, inputs), "uri": url}}
        if type_token == SERVICE:
            return {"uri": self._url_of(inputs.get("name", name))}
        if type_token == RANDOM_BYTES:
            with self._lock:
                value = self._state.random_bytes(name, int(inputs["length"]))
            return {"base64": base64.b64encode(value).decode(), "hex": value.hex()}
        if type_token == PRIVATE_KEY:
            with self._lock:
                return pem_outputs(self._state.private_key(name))
        return self._of_server(type_token)

    def _of_server(self, type_token: str) -> Mapping[str, Any]:
        """Databases: without a connection's name clients dial the address themselves."""
        if type_token == postgres.INSTANCE:
            address = f"127.0.0.1:{self.port_of(postgres.NAME)}"
            return {"connectionName": "", "privateIpAddress": address}
        if type_token == redis.INSTANCE:
            return {"host": "127.0.0.1", "port": self.port_of(redis.NAME)}
        return {}

    def _url_of(self, unit: str) -> str:
        return f"http://127.0.0.1:{self.port_of(unit)}"

    @staticmethod
    def _service_config(name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        return {**inputs.get("serviceConfig", {}), "service": inputs.get("name", name)}
