"""Types of one name keep apart in the document where they are not alike."""

import msgspec

from docs.openapi.schemas import schemas_of


def thing(module: str, field: str) -> type[msgspec.Struct]:
    return msgspec.defstruct("Thing", [(field, int)], module=module)


def test_alike_they_share_a_name() -> None:
    one, two = thing("functions.a.model", "x"), thing("functions.b.views", "x")
    found, named = schemas_of([one, two])
    assert list(named) == ["Thing"]
    assert found[0] == found[1]


def test_those_of_two_services_name_their_service() -> None:
    found, named = schemas_of([thing("functions.a.model", "x"), thing("functions.b.model", "y")])
    assert list(named) == ["AThing", "BThing"]
    assert [schema["$ref"].rpartition("/")[2] for schema in found] == ["AThing", "BThing"]


def test_those_of_one_service_name_their_part() -> None:
    types = [thing("functions.a.plans.model", "x"), thing("functions.a.privacy_law.model", "y")]
    found, named = schemas_of(types)
    assert list(named) == ["APlansThing", "APrivacyLawThing"]
    assert list(named["APlansThing"]["properties"]) == ["x"]
    assert found[1] == {"$ref": "#/components/schemas/APrivacyLawThing"}
