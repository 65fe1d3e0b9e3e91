"""The accounts database: private, backed up, signed in to by IAM, migrated before it is used."""

from typing import Any

from emulators.gather import Program, Resource
from functions.accounts.database import POOL_SIZE
from tests.infra.programs import FUNCTION, JOB, PUBLIC_APIS, environment, units

INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance"
DATABASE = "gcp:sql/database:Database"
USER = "gcp:sql/user:User"
SUBNET = "gcp:compute/subnetwork:Subnetwork"
COMMAND = "command:local:Command"

DATABASE_UNITS = {"accounts-api", "accounts-events", "accounts-migrate"}
# A pool may open as many again as it keeps.
CONNECTIONS_OF_AN_INSTANCE = 2 * POOL_SIZE
# PostgreSQL's own superuser slots, Cloud SQL's agents, and the migration.
RESERVED_CONNECTIONS = 15


def _settings(program: Program) -> dict[str, Any]:
    [instance] = program.all(INSTANCE)
    settings: dict[str, Any] = instance.inputs["settings"]
    return settings


def _flags(program: Program) -> dict[str, str]:
    return {flag["name"]: flag["value"] for flag in _settings(program)["databaseFlags"]}


def _functions(program: Program, unit: str) -> list[Resource]:
    return [found for found in program.all(FUNCTION) if found.inputs["name"] == unit]


def test_it_has_no_public_address(program: Program) -> None:
    address = _settings(program)["ipConfiguration"]
    assert address["ipv4Enabled"] is False
    assert address["sslMode"] == "ENCRYPTED_ONLY"
    assert "authorizedNetworks" not in address
    [network] = program.all("gcp:compute/network:Network")
    assert address["privateNetwork"] == network.id
    [instance] = program.all(INSTANCE)
    peering = program.one("gcp:servicenetworking/connection:Connection", "google-services")
    assert peering.urn in instance.depends_on, "its address is taken from the peering's range"


def test_only_iam_and_the_connector_let_anybody_in(program: Program) -> None:
    assert _flags(program)["cloudsql.iam_authentication"] == "on"
    assert _settings(program)["connectorEnforcement"] == "REQUIRED"
    [instance] = program.all(INSTANCE)
    assert not {"rootPassword", "rootPasswordWo"} & instance.inputs.keys()


def test_each_unit_is_a_user_of_its_own(program: Program, variant: tuple[str, str]) -> None:
    users = {user.name: user.inputs for user in program.all(USER)}
    assert users.keys() == DATABASE_UNITS
    for unit, user in users.items():
        assert user["type"] == "CLOUD_IAM_SERVICE_ACCOUNT"
        assert user["name"] == f"{unit}@cadenza-{variant[0]}.iam"
        assert "password" not in user
        roles = ["cloudsqlsuperuser"] if unit == "accounts-migrate" else None
        assert user.get("databaseRoles") == roles


def test_units_sign_in_as_themselves(program: Program) -> None:
    [instance] = program.all(INSTANCE)
    for unit in units(program):
        variables = environment(unit)
        if unit.inputs["name"] not in DATABASE_UNITS:
            assert "DATABASE_URL" not in variables
            continue
        user = program.one(USER, unit.inputs["name"]).inputs["name"]
        assert variables["DATABASE_USER"] == user
        assert variables["DATABASE_URL"].endswith("/cadenza")
        assert variables["CLOUD_SQL_INSTANCE"] == instance.outputs["connectionName"]


def test_the_migration_gives_rights_to_the_others(program: Program) -> None:
    job = program.one(JOB, "accounts-migrate")
    others = {program.one(USER, unit).inputs["name"] for unit in DATABASE_UNITS - {job.name}}
    assert set(environment(job)["DATABASE_USERS"].split(",")) == others


def test_backups_go_back_to_any_moment_of_a_week(program: Program) -> None:
    backups = _settings(program)["backupConfiguration"]
    assert backups["enabled"] is True
    assert backups["pointInTimeRecoveryEnabled"] is True
    assert backups["transactionLogRetentionDays"] == 7
    assert backups["backupRetentionSettings"]["retainedBackups"] >= 7


def test_only_global_survives_a_zone(program: Program, variant: tuple[str, str]) -> None:
    settings = _settings(program)
    is_global = variant[1] == "global"
    assert settings["availabilityType"] == ("REGIONAL" if is_global else "ZONAL")
    assert settings["tier"].startswith("db-custom-" if is_global else "db-f1-micro")
    assert settings["edition"] == "ENTERPRISE", "shared cores need it, and it must be said"


def test_production_cannot_be_deleted(program: Program, variant: tuple[str, str]) -> None:
    production = variant[0] == "prod"
    [instance] = program.all(INSTANCE)
    assert instance.inputs["deletionProtection"] is production
    assert _settings(program)["deletionProtectionEnabled"] is production


def test_connections_suffice_for_all_instances_at_once(program: Program) -> None:
    instances = sum(
        function.inputs["serviceConfig"]["maxInstanceCount"]
        for unit in ("accounts-api", "accounts-events")
        for function in _functions(program, unit)
    )
    needed = instances * CONNECTIONS_OF_AN_INSTANCE + RESERVED_CONNECTIONS
    assert needed <= int(_flags(program)["max_connections"])


def test_who_joins_the_network(program: Program, variant: tuple[str, str]) -> None:
    """The database's units, and with Redis every API."""
    joined = set()
    for function in program.all(FUNCTION):
        service = function.inputs["serviceConfig"]
        if "directVpcNetworkInterfaces" in service:
            joined.add(function.inputs["name"])
            assert service["directVpcEgress"] == "VPC_EGRESS_PRIVATE_RANGES_ONLY"
            [interface] = service["directVpcNetworkInterfaces"]
            assert interface == {"network": "cadenza", "subnetwork": "cadenza"}
    calling = {unit for unit in PUBLIC_APIS if variant[1] == "global"}
    assert joined == {"accounts-api", "accounts-events", *calling}
    job = program.one(JOB, "accounts-migrate").inputs["template"]["template"]
    assert job["vpcAccess"]["egress"] == "PRIVATE_RANGES_ONLY"


def test_each_region_has_a_subnet_of_its_own(program: Program, variant: tuple[str, str]) -> None:
    subnets = program.all(SUBNET)
    regions = {"europe-west1", "europe-west4"} if variant[1] == "global" else {"europe-west1"}
    assert {subnet.inputs["region"] for subnet in subnets} == regions
    assert len({subnet.inputs["ipCidrRange"] for subnet in subnets}) == len(subnets)
    assert all(subnet.inputs["privateIpGoogleAccess"] for subnet in subnets)


def test_migrations_run_before_new_code(program: Program) -> None:
    migration = program.one(COMMAND, "accounts-migration")
    job = program.one(JOB, "accounts-migrate")
    assert migration.inputs["create"].startswith("gcloud run jobs execute $JOB --wait ")
    assert migration.inputs["environment"]["JOB"] == job.inputs["name"]
    assert job.urn in migration.depends_on
    for unit in ("accounts-api", "accounts-events"):
        for function in _functions(program, unit):
            assert migration.urn in function.depends_on


def test_a_new_image_or_database_is_migrated(program: Program) -> None:
    migration = program.one(COMMAND, "accounts-migration")
    image = program.one(COMMAND, "accounts-migrate-image").inputs["environment"]["IMAGE"]
    assert migration.inputs["triggers"] == [image, program.one(DATABASE, "cadenza").id]


def test_the_job_signs_in_only_once_its_user_exists(program: Program) -> None:
    job = program.one(JOB, "accounts-migrate")
    assert {user.urn for user in program.all(USER)} <= set(job.depends_on)


def test_only_global_has_redis(program: Program, variant: tuple[str, str]) -> None:
    instances = {
        instance.inputs["region"]: instance
        for instance in program.all("gcp:redis/instance:Instance")
    }
    assert len(instances) == (2 if variant[1] == "global" else 0)
    for function in program.all(FUNCTION):
        variables = function.inputs["serviceConfig"]["environmentVariables"]
        if function.inputs["name"] not in PUBLIC_APIS:
            assert "REDIS_URL" not in variables
        elif instances:
            host = instances[function.inputs["location"]].outputs["host"]
            assert variables["REDIS_URL"] == f"redis://{host}:6379/0"
        else:
            assert variables["REDIS_URL"] == ""
