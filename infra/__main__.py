"""The platform, put together: what `pulumi up` deploys and what runs locally."""

import sys
from pathlib import Path

import pulumi

# The modules of this folder are imported as `infra.…`, from the repository's root.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from infra.apis import Apis
from infra.data import Data
from infra.edge import Edge
from infra.environment import Environments
from infra.events import Subscriptions, Topics
from infra.functions import Functions
from infra.identity import Accounts, Permissions
from infra.images import Images
from infra.jobs import MediaJob
from infra.keys import Keys
from infra.services import CatalogRpc
from infra.settings import read_settings

settings = read_settings()
apis = Apis(settings)
data = Data(settings, apis)
keys = Keys(settings, apis)
topics = Topics(settings, apis, data)
accounts = Accounts(apis)
permissions = Permissions(
    settings,
    accounts,
    data,
    keys,
    media_ready=topics.media_ready,
    catalog_changed=topics.catalog_changed,
)
environments = Environments(
    settings,
    data,
    keys,
    media_ready=topics.media_ready,
    catalog_changed=topics.catalog_changed,
)

images = Images(settings, apis, data, accounts, permissions)
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

functions = Functions(settings, apis, data, accounts, permissions)
public = {
    "catalog-api": {
        region: functions.api("catalog-api", environments.catalog_api(), region)
        for region in settings.regions
    },
    "media-api": {
        region: functions.api("media-api", environments.media_api(), region)
        for region in settings.regions
    },
    "playback-api": {
        region: functions.api(
            "playback-api",
            environments.playback_api(catalog_rpc.by_region[region].uri),
            region,
        )
        for region in settings.regions
    },
}
catalog_events = functions.events("catalog-events", environments.catalog_events())
media_events = functions.events("media-events", environments.media_events(media_job.job.id))
Subscriptions(
    settings,
    apis,
    accounts,
    topics,
    catalog_events=catalog_events,
    media_events=media_events,
)
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
        "catalog-events": catalog_events.service_config.uri,
        "media-events": media_events.service_config.uri,
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
        "source": data.source.name,
    },
)
pulumi.export("media_job", media_job.job.id)
