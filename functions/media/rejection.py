"""An upload that cannot become a track, for a reason that its owner can act on."""


class Rejected(Exception):
    """Trying again with the same bytes would end the same way.

    `code` is one of: empty, not_audio, truncated, corrupt, too_long, unsupported,
    digest_mismatch, missing. `message` is for the uploader.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
