"""What each unit of the recommendations reads from its environment."""

from shared.settings import TokenSettings, UnitSettings


class ApiSettings(TokenSettings, frozen=True, kw_only=True):
    """`recommendations-api`."""

    firestore_database: str
    catalog_rpc_url: str


class EventsSettings(UnitSettings, frozen=True, kw_only=True):
    """`recommendations-events`. `warehouse` is `project.dataset`.

    `cloud_run_emulator_host` is set by the local runner only.
    """

    firestore_database: str
    catalog_rpc_url: str
    media_bucket: str
    warehouse: str
    training_job: str
    least_plays_to_train: int
    person_erased_here_topic: str
    cloud_run_emulator_host: str = ""


class TrainingSettings(UnitSettings, frozen=True, kw_only=True):
    """`recommendations-training`, a job. `warehouse` is `project.dataset`."""

    firestore_database: str
    warehouse: str
    models_bucket: str


class RpcSettings(UnitSettings, frozen=True, kw_only=True):
    """`recommendations-rpc`."""

    firestore_database: str


UNITS = {
    "recommendations-api": ApiSettings,
    "recommendations-events": EventsSettings,
    "recommendations-training": TrainingSettings,
    "recommendations-rpc": RpcSettings,
}
