"""The job: trains a deep model, tries it, and puts it into service if it is better.

Ends with status 0 when that is settled either way, with another when trying again may help.
"""

import asyncio
import os
import signal
import sys

from functions.recommendations.settings import TrainingSettings
from functions.recommendations.training import fitting
from functions.recommendations.training.files import StoredFiles
from functions.recommendations.training.learning import InterestsLearner
from functions.recommendations.training.reading import BigQueryRows
from functions.recommendations.training.run import Training
from functions.recommendations.warehouse import BigQueryWarehouse, connected
from shared import settings, telemetry
from shared.firestore import FirestoreDocuments


def main() -> int:
    """One training, as the environment says."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    configured = settings.load(TrainingSettings)
    project = configured.google_cloud_project
    telemetry.configure(project, configured.log_level)

    from google.cloud import storage

    training = Training(
        rows=BigQueryRows(connected(project)),
        warehouse=BigQueryWarehouse(configured.warehouse),
        dataset=configured.warehouse,
        documents=FirestoreDocuments(project, configured.firestore_database),
        models=StoredFiles(storage.Client(project=project), configured.models_bucket),
        learner=InterestsLearner(fitting.Settings(threads=os.cpu_count() or 1)),
    )
    asyncio.run(training.run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
