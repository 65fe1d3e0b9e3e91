"""What Google Cloud would add to a declared resource: the outputs that a program may read.

The values are deterministic and look real. A local runner lays its own addresses over them.
"""

import base64
import functools
import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

PROJECT_NUMBER = "123456789012"


def default_outputs(
    type_token: str, name: str, inputs: dict[str, Any], config: Mapping[str, object]
) -> dict[str, Any]:
    """Outputs of one resource, its `id` among them, without its inputs."""
    project = str(inputs.get("project") or config.get("gcp:project", "project"))
    place = inputs.get("location") or inputs.get("region") or config.get("gcp:region", "region")
    actual_name = str(inputs.get("name") or name)
    computed: dict[str, Any] = {"id": f"{name}-id"}
    if type_token.startswith("gcp:"):
        computed |= {"name": actual_name, "project": project}
    compute = _BY_TYPE.get(type_token)
    if compute is not None:
        computed |= compute(project, str(place), actual_name, inputs)
    return computed


def answers(
    function: str, arguments: dict[str, Any], config: Mapping[str, object]
) -> dict[str, Any]:
    """The answer to a `get_…` call: its arguments, and the project's id and number."""
    project = str(arguments.get("project") or config.get("gcp:project", "project"))
    answer = {**arguments, "id": project, "projectId": project, "number": PROJECT_NUMBER}
    if function == "gcp:storage/getProjectServiceAccount:getProjectServiceAccount":
        email = f"service-{PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
        answer |= {"emailAddress": email, "member": f"serviceAccount:{email}"}
    return answer


_Outputs = Callable[[str, str, str, dict[str, Any]], dict[str, Any]]
"""(project, location, name, inputs) -> outputs."""


def _service_account(project: str, place: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    email = f"{inputs['accountId']}@{project}.iam.gserviceaccount.com"
    resource_name = f"projects/{project}/serviceAccounts/{email}"
    return {
        "id": resource_name,
        "name": resource_name,
        "email": email,
        "member": f"serviceAccount:{email}",
    }


def _service_identity(
    project: str, place: str, name: str, inputs: dict[str, Any]
) -> dict[str, Any]:
    agent = str(inputs["service"]).removesuffix(".googleapis.com")
    email = f"service-{PROJECT_NUMBER}@gcp-sa-{agent}.iam.gserviceaccount.com"
    return {"email": email, "member": f"serviceAccount:{email}"}


def _random_bytes(project: str, place: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    value = hashlib.shake_256(name.encode()).digest(int(inputs["length"]))
    return {"base64": base64.b64encode(value).decode(), "hex": value.hex()}


@functools.cache
def private_key(name: str) -> dict[str, str]:
    """An elliptic key that only its name decides, for programs that are only looked at."""
    from cryptography.hazmat.primitives.asymmetric import ec

    number = int.from_bytes(hashlib.sha256(name.encode()).digest())
    return pem_outputs(ec.derive_private_key(number, ec.SECP256R1()))


def pem_outputs(key: "ec.EllipticCurvePrivateKey") -> dict[str, str]:
    """A key as pulumi_tls gives it."""
    from cryptography.hazmat.primitives import serialization as forms

    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    public = key.public_key().public_bytes(
        forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo
    )
    return {"privateKeyPemPkcs8": private.decode(), "publicKeyPem": public.decode()}


def _instance(project: str, place: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    return {"connectionName": f"{project}:{place}:{name}", "privateIpAddress": "10.9.0.3"}


def _function(project: str, place: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    uri = f"https://{name}-{PROJECT_NUMBER}.{place}.run.app"
    return {
        "id": f"projects/{project}/locations/{place}/functions/{name}",
        "url": f"https://{place}-{project}.cloudfunctions.net/{name}",
        "serviceConfig": {"service": name, "uri": uri},
    }


def _project_path(collection: str) -> _Outputs:
    """Global resources whose id is `projects/P/<collection>/NAME`."""
    return lambda project, place, name, inputs: {"id": f"projects/{project}/{collection}/{name}"}


def _global(collection: str) -> _Outputs:
    """Compute resources that are global, with their self link."""

    def outputs(project: str, place: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
        path = f"projects/{project}/global/{collection}/{name}"
        return {"id": path, "selfLink": f"https://www.googleapis.com/compute/v1/{path}"}

    return outputs


def _endpoint_group(project: str, place: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    path = f"projects/{project}/regions/{place}/networkEndpointGroups/{name}"
    return {"id": path, "selfLink": f"https://www.googleapis.com/compute/v1/{path}"}


_BY_TYPE: dict[str, _Outputs] = {
    "gcp:artifactregistry/repository:Repository": lambda project, place, name, inputs: {
        "id": f"projects/{project}/locations/{place}/repositories/{inputs['repositoryId']}",
        "name": inputs["repositoryId"],
        "registryUri": f"{place}-docker.pkg.dev/{project}/{inputs['repositoryId']}",
    },
    "gcp:bigquery/dataset:Dataset": lambda project, place, name, inputs: {
        "id": f"projects/{project}/datasets/{inputs['datasetId']}",
    },
    "gcp:bigquery/table:Table": lambda project, place, name, inputs: {
        "id": f"projects/{project}/datasets/{inputs['datasetId']}/tables/{inputs['tableId']}",
    },
    "gcp:cloudfunctionsv2/function:Function": _function,
    "gcp:cloudrunv2/job:Job": lambda project, place, name, inputs: {
        "id": f"projects/{project}/locations/{place}/jobs/{name}",
    },
    "gcp:cloudrunv2/service:Service": lambda project, place, name, inputs: {
        "id": f"projects/{project}/locations/{place}/services/{name}",
        "uri": f"https://{name}-{PROJECT_NUMBER}.{place}.run.app",
    },
    "gcp:cloudscheduler/job:Job": lambda project, place, name, inputs: {
        "id": f"projects/{project}/locations/{place}/jobs/{name}",
    },
    "gcp:compute/backendBucket:BackendBucket": _global("backendBuckets"),
    "gcp:compute/backendService:BackendService": _global("backendServices"),
    "gcp:compute/globalAddress:GlobalAddress": lambda project, place, name, inputs: {
        "id": f"projects/{project}/global/addresses/{name}",
        "address": "203.0.113.7",
    },
    "gcp:compute/network:Network": _global("networks"),
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": _global("sslCertificates"),
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": _endpoint_group,
    "gcp:compute/securityPolicy:SecurityPolicy": _global("securityPolicies"),
    "gcp:compute/targetHttpProxy:TargetHttpProxy": _global("targetHttpProxies"),
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": _global("targetHttpsProxies"),
    "gcp:compute/uRLMap:URLMap": _global("urlMaps"),
    "gcp:firestore/database:Database": _project_path("databases"),
    "gcp:identityplatform/config:Config": lambda project, place, name, inputs: {
        "client": {"apiKey": f"api-key-of-{project}"},
    },
    "gcp:projects/iAMCustomRole:IAMCustomRole": lambda project, place, name, inputs: {
        "id": f"projects/{project}/roles/{inputs['roleId']}",
        "name": f"projects/{project}/roles/{inputs['roleId']}",
    },
    "gcp:projects/serviceIdentity:ServiceIdentity": _service_identity,
    "gcp:pubsub/schema:Schema": _project_path("schemas"),
    "gcp:pubsub/subscription:Subscription": _project_path("subscriptions"),
    "gcp:pubsub/topic:Topic": _project_path("topics"),
    "gcp:redis/instance:Instance": lambda project, place, name, inputs: {
        "host": "10.9.0.4",
        "port": 6379,
    },
    "gcp:secretmanager/secret:Secret": lambda project, place, name, inputs: {
        "id": f"projects/{project}/secrets/{inputs['secretId']}",
        "name": f"projects/{project}/secrets/{inputs['secretId']}",
    },
    "gcp:secretmanager/secretVersion:SecretVersion": lambda project, place, name, inputs: {
        "id": f"{inputs['secret']}/versions/1",
        "version": "1",
    },
    "gcp:serviceaccount/account:Account": _service_account,
    "gcp:sql/database:Database": lambda project, place, name, inputs: {
        "id": f"projects/{project}/instances/{inputs['instance']}/databases/{name}",
    },
    "gcp:sql/databaseInstance:DatabaseInstance": _instance,
    "gcp:storage/bucket:Bucket": lambda project, place, name, inputs: {
        "id": name,
        "url": f"gs://{name}",
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
    },
    "gcp:storage/bucketObject:BucketObject": lambda project, place, name, inputs: {
        "id": f"{inputs['bucket']}-{name}",
        "outputName": name,
    },
    "random:index/randomBytes:RandomBytes": _random_bytes,
    "tls:index/privateKey:PrivateKey": lambda project, place, name, inputs: private_key(name),
}
