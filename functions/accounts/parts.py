"""The parts of accounts that its API and its event handlers are both made of."""

from functions.accounts.database import Database
from functions.accounts.oauth.dependencies import Dependencies as OAuth
from functions.accounts.oauth.key_choice import keys_of
from functions.accounts.people.announcements import Announcements
from functions.accounts.people.firebase import FirebaseAuth
from functions.accounts.plans.billing import Billing
from functions.accounts.plans.provider import PaymentProvider
from functions.accounts.privacy.erasures import Erasures
from functions.accounts.privacy.exports import Exports
from functions.accounts.privacy.files import ExportsBucket
from functions.accounts.privacy.links import DownloadLinks
from functions.accounts.privacy.sources import OwnerApis
from functions.accounts.privacy.tokens import ExportTokens
from functions.accounts.settings import ApiSettings, EventsSettings
from shared.clock import utc_now
from shared.messaging import Publisher


class Parts:
    """Made once a process; what each needs from outside is in the unit's settings."""

    def __init__(
        self,
        settings: ApiSettings | EventsSettings,
        provider: PaymentProvider,
        firebase: FirebaseAuth,
    ) -> None:
        self.database = Database(
            settings.database_url,
            instance=settings.cloud_sql_instance,
            user=settings.database_user,
        )
        self.provider = provider
        self.firebase = firebase
        self.keys = keys_of(
            signing_keys=settings.signing_keys,
            signing_key_versions=settings.signing_key_versions,
        )
        self.billing = Billing(self.database, provider, now=utc_now)
        self.archives = ExportsBucket(settings.google_cloud_project, settings.exports_bucket)
        publisher = Publisher("accounts")
        self.announcements = Announcements(self.database, publisher, settings.profile_changed_topic)
        self.erasures = Erasures(
            self.database,
            publisher=publisher,
            topic=settings.person_erased_topic,
            services=[name for name in settings.erasure_services.split(",") if name],
            forget_identity=firebase.delete,
            forget_customer=provider.forget,
            files=self.archives,
            now=utc_now,
        )

    def exports(self, public_url: str, oauth: OAuth, links_secret: str) -> Exports:
        """Exports; whoever hands none out needs no secret for their links."""
        return Exports(
            self.database,
            self.archives,
            DownloadLinks(links_secret, public_url=public_url, now=utc_now),
            sources=[OwnerApis(public_url, ExportTokens(oauth))],
            now=utc_now,
        )
