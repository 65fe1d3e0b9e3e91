"""Identity Platform (Firebase Auth): holds the passwords, and the sign-in with Google."""

from pulumi import ComponentResource, Output, ResourceOptions
from pulumi_gcp import identityplatform

from infra.apis import Apis
from infra.settings import Settings


class SignIn(ComponentResource):
    """E-mail and password always; Google when the stack has a client of Google's."""

    def __init__(self, settings: Settings, apis: Apis) -> None:
        super().__init__("cadenza:infra:SignIn", "sign-in")
        config = identityplatform.Config(
            "sign-in",
            project=settings.project,
            authorized_domains=[settings.domain],
            sign_in={
                "email": {"enabled": True, "password_required": True},
                # One person, one account, however they sign in.
                "allow_duplicate_emails": False,
            },
            opts=ResourceOptions(parent=self, depends_on=[apis], protect=settings.protect),
        )
        if settings.google_client_id:
            identityplatform.DefaultSupportedIdpConfig(
                "google",
                project=settings.project,
                idp_id="google.com",
                client_id=settings.google_client_id,
                client_secret=settings.google_client_secret,
                enabled=True,
                opts=ResourceOptions(parent=self, depends_on=[config]),
            )
        # Not a secret: it says which project is meant, as it does in every web page that uses it.
        self.api_key: Output[str] = config.client.apply(lambda client: client.api_key or "")
        self.with_google = "true" if settings.google_client_id else "false"
        self.register_outputs({})
