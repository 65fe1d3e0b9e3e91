"""The platform, put together: what `pulumi up` deploys and what runs locally."""

import sys
from pathlib import Path

import pulumi

# The modules of this folder are imported as `infra.…`, from the repository's root.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from infra.apis import Apis
from infra.data import Data
from infra.database import Database
from infra.edge import Edge
from infra.environment import Environments
from infra.events import Subscriptions, Topics
from infra.functions import Functions
from infra.identity import Accounts, Permissions
from infra.images import Images
from infra.jobs import MediaJob
from infra.keys import Keys
from infra.memorystore import Memorystore
from infra.migration import Migration
from infra.network import Network
from infra.services import CatalogRpc
from infra.settings import read_settings
from infra.sign_in import SignIn

settings = read_settings()
apis = Apis(settings)
data = Data(settings, apis)
keys = Keys(settings, apis)
topics = Topics(settings, apis, data)
network = Network(settings, apis)
memorystore = Memorystore(settings, apis, network)
sign_in = SignIn(settings, apis)
accounts = Accounts(apis)
permissions = Permissions(
    settings,
    accounts,
    data,
    keys,
    media_ready=topics.media_ready,
    catalog_changed=topics.catalog_changed,
    person_erased=topics.person_erased,
    person_erased_here=topics.person_erased_here,
)
database = Database(settings, apis, network, accounts, permissions)
environments = Environments(
    settings,
    data,
    keys,
    sign_in=sign_in,
    memorystore=memorystore,
    accounts_database=database,
    media_ready=topics.media_ready,
    catalog_changed=topics.catalog_changed,
    person_erased=topics.person_erased,
    person_erased_here=topics.person_erased_here,
)

images = Images(settings, apis, data, accounts, permissions)
migration = Migration(
    settings,
    accounts,
    permissions,
    network=network,
    database=database,
    image=images.build("accounts-migrate"),
    environment=environments.accounts_migrate(),
)
media_job = MediaJob(
    settings,
    accounts,
    permissions,
    images.build("media-job", requirements="requirements-job.txt"),
    environments.media_job(),
)
catalog_rpc = CatalogRpc(
    settings,
    accounts,
    permissions,
    images.build("catalog-rpc"),
    environments.catalog_rpc(),
)

functions = Functions(settings, apis, data, accounts, permissions, network=network)
# New code finds the tables that it expects; old code goes on with them until it is replaced.
migrated = [migration.executed]
public = {
    "accounts-api": {
        region: functions.api(
            "accounts-api", environments.accounts_api(region), region, after=migrated
        )
        for region in settings.regions
    },
    "catalog-api": {
        region: functions.api("catalog-api", environments.catalog_api(region), region)
        for region in settings.regions
    },
    "media-api": {
        region: functions.api("media-api", environments.media_api(region), region)
        for region in settings.regions
    },
    "playback-api": {
        region: functions.api(
            "playback-api",
            environments.playback_api(region, catalog_rpc.by_region[region].uri),
            region,
        )
        for region in settings.regions
    },
}
handlers = {
    "accounts-events": functions.events(
        "accounts-events", environments.accounts_events(), after=migrated
    ),
    "catalog-events": functions.events("catalog-events", environments.catalog_events()),
    "media-events": functions.events("media-events", environments.media_events(media_job.job.id)),
}
Subscriptions(settings, apis, accounts, topics, handlers)
edge = Edge(settings, apis, data, keys, public)

pulumi.export("public_url", settings.public_url)
pulumi.export("address", edge.address.address)
pulumi.export(
    "urls",
    {
        **{
            unit: by_region[settings.region].service_config.uri
            for unit, by_region in public.items()
        },
        **{unit: function.service_config.uri for unit, function in handlers.items()},
        "catalog-rpc": catalog_rpc.by_region[settings.region].uri,
    },
)
pulumi.export(
    "buckets",
    {
        "uploads": data.uploads.name,
        "media": data.media.name,
        "images": data.images.name,
        "search-index": data.search_index.name,
        "backups": data.backups.name,
        "exports": data.exports.name,
        "source": data.source.name,
    },
)
pulumi.export("media_job", media_job.job.id)
pulumi.export("accounts_database", database.instance.connection_name)
