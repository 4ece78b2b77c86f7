"""What every way out has in common: a message without anything of a patient, and why it could not be handed over."""

from collections.abc import Sequence
from dataclasses import dataclass

from base.errors import PartnerError
from base.settings import Settings
from people.notices.preferences import EMAIL, PUSH, SMS


@dataclass(frozen=True)
class Message:
    """What leaves: a subject of a few words, sentences, and the address of a page of ours."""

    subject: str
    lines: Sequence[str]
    url: str
    urgent: bool = False

    @property
    def first(self) -> str:
        return self.lines[0]


class Undelivered(PartnerError):
    """It was not taken. `bounces`: this address takes nothing, now or later; the text names no address and no words."""

    code = "notice-undelivered"

    def __init__(self, message: str, *, permanent: bool = False, bounces: bool = False) -> None:
        super().__init__(message, permanent=permanent, code=self.code)
        self.bounces = bounces


def is_open(settings: Settings, channel: str) -> bool:
    """Whether this way is set up at all."""
    return bool({EMAIL: settings.smtp_host, PUSH: settings.vapid_private_key, SMS: settings.sms_url}[channel])
