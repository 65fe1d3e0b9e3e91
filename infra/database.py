"""The accounts database: Cloud SQL for PostgreSQL, reached privately, signed in to by IAM."""

from urllib.parse import quote

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_gcp import sql

from infra.apis import Apis
from infra.identity import DATABASE_UNITS, MIGRATING_UNIT, Accounts, Permissions
from infra.network import Network
from infra.settings import Settings

_NAME = "cadenza"
# Shared cores are the smallest that there is; HA wants dedicated ones.
_TIER = {"lite": "db-f1-micro", "global": "db-custom-2-7680"}
# What the units' pools may open at once fits in (tests/infra/test_database.py).
_CONNECTIONS = {"lite": 60, "global": 400}
_BACKUPS_KEPT = 14
_LOG_DAYS = 7


class Database(ComponentResource):
    """The instance, its one database, and a user for each unit that signs in."""

    def __init__(
        self,
        settings: Settings,
        apis: Apis,
        network: Network,
        accounts: Accounts,
        permissions: Permissions,
    ) -> None:
        super().__init__("cadenza:infra:Database", "database")
        self._accounts = accounts
        self.instance = self._instance(settings, apis, network)
        self.database = sql.Database(
            _NAME,
            name=_NAME,
            instance=self.instance.name,
            # Dropping it would fail while anybody is connected; it goes with the instance.
            deletion_policy="ABANDON",
            opts=ResourceOptions(parent=self, protect=settings.protect),
        )
        self.users = {
            unit: sql.User(
                unit,
                name=self._user_name(unit),
                instance=self.instance.name,
                type="CLOUD_IAM_SERVICE_ACCOUNT",
                # The one that migrates owns the tables and says what the others may do.
                database_roles=["cloudsqlsuperuser"] if unit == MIGRATING_UNIT else None,
                # Google cannot drop a user that owns tables.
                deletion_policy="ABANDON",
                opts=ResourceOptions(parent=self, depends_on=[permissions]),
            )
            for unit in DATABASE_UNITS
        }
        self.register_outputs({})

    def url(self, unit: str) -> Output[str]:
        """SQLAlchemy's address. In the cloud the connector dials, and takes only the name of it."""
        return Output.format(
            "postgresql+asyncpg://{0}@{1}/{2}",
            self.users[unit].name.apply(lambda name: quote(name, safe="")),
            self.instance.private_ip_address,
            self.database.name,
        )

    def _user_name(self, unit: str) -> Output[str]:
        """PostgreSQL's names are too short for whole addresses, so that Cloud SQL cuts the end."""
        email = self._accounts.of(unit).email
        return email.apply(lambda text: text.removesuffix(".gserviceaccount.com"))

    def _instance(self, settings: Settings, apis: Apis, network: Network) -> sql.DatabaseInstance:
        profile = settings.profile.value
        return sql.DatabaseInstance(
            # No name: that of a deleted instance cannot be used again for a week.
            "accounts",
            database_version="POSTGRES_17",
            region=settings.region,
            deletion_protection=settings.protect,
            settings={
                "tier": _TIER[profile],
                "edition": "ENTERPRISE",
                "availability_type": "REGIONAL" if settings.is_global else "ZONAL",
                "deletion_protection_enabled": settings.protect,
                "disk_autoresize": True,
                # Only who is let in by IAM, over the connector's TLS.
                "connector_enforcement": "REQUIRED",
                "ip_configuration": {
                    "ipv4_enabled": False,
                    "private_network": network.network.id,
                    "ssl_mode": "ENCRYPTED_ONLY",
                },
                "database_flags": [
                    {"name": "cloudsql.iam_authentication", "value": "on"},
                    {"name": "max_connections", "value": str(_CONNECTIONS[profile])},
                ],
                "backup_configuration": {
                    "enabled": True,
                    "start_time": "03:00",
                    "point_in_time_recovery_enabled": True,
                    "transaction_log_retention_days": _LOG_DAYS,
                    "backup_retention_settings": {
                        "retained_backups": _BACKUPS_KEPT,
                        "retention_unit": "COUNT",
                    },
                },
                "insights_config": {"query_insights_enabled": True},
                "maintenance_window": {"day": 7, "hour": 3, "update_track": "stable"},
            },
            opts=ResourceOptions(
                parent=self,
                depends_on=[apis, network.peering],
                protect=settings.protect,
            ),
        )
