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
from infra.events import Subscriptions
from infra.functions import Functions
from infra.identity import Accounts, Permissions
from infra.images import Images
from infra.jobs import MediaJob, TrainingJob
from infra.keys import Keys
from infra.memorystore import Memorystore
from infra.migration import Migration
from infra.network import Network
from infra.pages import Pages
from infra.recommendations import Recommendations
from infra.services import RpcService
from infra.settings import read_settings
from infra.sign_in import SignIn
from infra.topics import Topics
from infra.warehouse import Warehouse

settings = read_settings()
apis = Apis(settings)
data = Data(settings, apis)
keys = Keys(settings, apis)
topics = Topics(settings, apis, data)
network = Network(settings, apis)
memorystore = Memorystore(settings, apis, network)
sign_in = SignIn(settings, apis)
accounts = Accounts(apis)
permissions = Permissions(settings, accounts, data, keys, topics)
database = Database(settings, apis, network, accounts, permissions)
environments = Environments(
    settings,
    data,
    keys,
    sign_in=sign_in,
    memorystore=memorystore,
    accounts_database=database,
    topics=topics,
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
catalog_rpc = RpcService(
    "catalog-rpc",
    settings,
    accounts,
    permissions,
    image=images.build("catalog-rpc"),
    environment=lambda _: environments.catalog_rpc(),
    callers=(
        "library-api",
        "library-events",
        "playback-api",
        "playback-events",
        "recommendations-api",
        "recommendations-events",
        "search-api",
        "search-events",
    ),
)
recommendations_rpc = RpcService(
    "recommendations-rpc",
    settings,
    accounts,
    permissions,
    image=images.build("recommendations-rpc"),
    environment=lambda _: environments.recommendations_rpc(),
    callers=("catalog-api", "library-api", "library-rpc"),
)
recommendations_rpc_urls = {
    region: rpc.uri for region, rpc in recommendations_rpc.by_region.items()
}
library_rpc = RpcService(
    "library-rpc",
    settings,
    accounts,
    permissions,
    image=images.build("library-rpc"),
    environment=lambda region: environments.library_rpc(recommendations_rpc_urls[region]),
    callers=("playback-api",),
)
catalog_rpc_urls = {region: rpc.uri for region, rpc in catalog_rpc.by_region.items()}
library_rpc_urls = {region: rpc.uri for region, rpc in library_rpc.by_region.items()}

functions = Functions(settings, apis, data, accounts, permissions, network=network)
# New code finds the tables that it expects; old code goes on with them until it is replaced.
migrated = [migration.executed]
warehouse = Warehouse(settings, apis, accounts, topics)
recommendations = Recommendations(settings, apis, accounts, warehouse, topics)
training_job = TrainingJob(
    settings,
    accounts,
    permissions,
    images.build(
        "recommendations-training",
        requirements="requirements-training.txt",
        dockerfile="Dockerfile.training",
    ),
    environments.recommendations_training(recommendations.dataset),
)
public = {
    "accounts-api": {
        region: functions.api(
            "accounts-api", environments.accounts_api(region), region, after=migrated
        )
        for region in settings.regions
    },
    "catalog-api": {
        region: functions.api(
            "catalog-api",
            environments.catalog_api(region, recommendations_rpc_urls[region]),
            region,
        )
        for region in settings.regions
    },
    "library-api": {
        region: functions.api(
            "library-api",
            environments.library_api(
                region,
                catalog_rpc_url=catalog_rpc_urls[region],
                recommendations_rpc_url=recommendations_rpc_urls[region],
            ),
            region,
        )
        for region in settings.regions
    },
    "media-api": {
        region: functions.api("media-api", environments.media_api(region), region)
        for region in settings.regions
    },
    "playback-api": {
        region: functions.api(
            "playback-api",
            environments.playback_api(
                region,
                catalog_rpc_url=catalog_rpc_urls[region],
                library_rpc_url=library_rpc_urls[region],
            ),
            region,
        )
        for region in settings.regions
    },
    "playback-push": {
        region: functions.push("playback-push", environments.playback_push(region), region)
        for region in settings.regions
    },
    "recommendations-api": {
        region: functions.api(
            "recommendations-api",
            environments.recommendations_api(region, catalog_rpc_urls[region]),
            region,
        )
        for region in settings.regions
    },
    "search-api": {
        region: functions.api(
            "search-api", environments.search_api(region, catalog_rpc_urls[region]), region
        )
        for region in settings.regions
    },
}
handlers = {
    "accounts-events": functions.events(
        "accounts-events", environments.accounts_events(), after=migrated
    ),
    "catalog-events": functions.events("catalog-events", environments.catalog_events()),
    "library-events": functions.events("library-events", environments.library_events()),
    "media-events": functions.events("media-events", environments.media_events(media_job.job.id)),
    "playback-events": functions.events(
        "playback-events",
        environments.playback_events(
            catalog_rpc_url=catalog_rpc_urls[settings.region], plays_table=warehouse.plays_table
        ),
    ),
    "recommendations-events": functions.events(
        "recommendations-events",
        environments.recommendations_events(
            catalog_rpc_url=catalog_rpc_urls[settings.region],
            warehouse=recommendations.dataset,
            training_job=training_job.job.id,
        ),
    ),
    "search-events": functions.events(
        "search-events", environments.search_events(catalog_rpc_urls[settings.region])
    ),
}
Subscriptions(settings, apis, accounts, topics, handlers)
Pages(data)
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
        "catalog-rpc": catalog_rpc_urls[settings.region],
        "library-rpc": library_rpc_urls[settings.region],
        "recommendations-rpc": recommendations_rpc_urls[settings.region],
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
        "models": data.models.name,
        "web": data.web.name,
        "source": data.source.name,
    },
)
pulumi.export("media_job", media_job.job.id)
pulumi.export("training_job", training_job.job.id)
pulumi.export("accounts_database", database.instance.connection_name)
