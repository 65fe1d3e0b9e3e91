"""What clients find out by themselves."""

from authlib.oauth2 import rfc8414, rfc9207

from tests.integration.functions.accounts.oauth.world import KEYS, PUBLIC_URL, World


async def test_metadata_is_valid_and_true(world: World) -> None:
    response = await world.http.get("/.well-known/oauth-authorization-server")

    document = response.json()
    rfc8414.AuthorizationServerMetadata(document).validate()
    rfc9207.AuthorizationServerMetadata(
        document
    ).validate_authorization_response_iss_parameter_supported()
    assert document["issuer"] == PUBLIC_URL
    assert "public" in response.headers["cache-control"]
    for name, method in {
        "authorization_endpoint": "GET",
        "token_endpoint": "POST",
        "jwks_uri": "GET",
        "revocation_endpoint": "POST",
        "introspection_endpoint": "POST",
        "device_authorization_endpoint": "POST",
    }.items():
        answer = await world.http.request(method, document[name])
        assert answer.status_code not in {404, 405}, name


async def test_keys_are_public(world: World) -> None:
    response = await world.http.get("/.well-known/jwks.json")

    (key,) = response.json()["keys"]
    assert response.json() == KEYS.jwks()
    assert (key["kid"], key["alg"], key["use"], key["crv"]) == ("first", "ES256", "sig", "P-256")
    assert "d" not in key
    assert "public" in response.headers["cache-control"]
