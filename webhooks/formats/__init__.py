"""What partners may send: one module per format turns bytes into a Fact, one line here."""

from collections.abc import Callable, Mapping

from pathways.facts import Fact
from webhooks.formats import canonical

FORMATS: Mapping[str, Callable[[bytes, str], Fact]] = {
    canonical.MEDIA_TYPE: canonical.read,
}
