"""The vault: seals what identifies a patient (AES-GCM, keys that turn), and makes blind indexes to find it again."""

import base64
import hmac
import secrets
import unicodedata
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from base.errors import RunError

FORMAT = 1
NONCE_BYTES = 12
BLIND_LENGTH = 32
ONLY_WORDS = {code: chr(code).casefold() if chr(code).isalnum() else " " for code in range(128)}


class Unreadable(RunError):
    """A sealed value does not open: its key is not in the settings, or it was moved or altered."""

    code = "unreadable"


class Vault:
    """Seals with the first key, opens with any. `context` («table.column:row») binds a sealed value to its place."""

    def __init__(self, keys: Sequence[str], index_key: str) -> None:
        self._ciphers = {name: AESGCM(base64.b64decode(key)) for name, _, key in (key.partition(":") for key in keys)}
        self._current = next(iter(self._ciphers))
        self._index_key = base64.b64decode(index_key)

    def seal(self, text: str, context: str) -> bytes:
        return self.seal_bytes(text.encode(), context)

    def open(self, sealed: bytes, context: str) -> str:
        """Raises Unreadable."""
        return self.open_bytes(sealed, context).decode()

    def seal_bytes(self, content: bytes, context: str) -> bytes:
        """One byte of format, one of the key name's length, the key's name, the nonce, then the cipher text."""
        header, nonce = self.mark(), secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._ciphers[self._current].encrypt(nonce, content, header + context.encode())

    def open_bytes(self, sealed: bytes, context: str) -> bytes:
        """Raises Unreadable."""
        header, nonce, content = _split(sealed)
        try:
            return self._ciphers[header[2:].decode("ascii")].decrypt(nonce, content, header + context.encode())
        except (KeyError, UnicodeDecodeError) as error:
            raise Unreadable("La clé de cette donnée chiffrée n’est pas dans les réglages.") from error
        except (InvalidTag, ValueError) as error:
            raise Unreadable("Cette donnée chiffrée a été déplacée ou modifiée.") from error

    def is_current(self, sealed: bytes) -> bool:
        """False for what an older key sealed and a rotation should seal again."""
        return _split(sealed)[0] == self.mark()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the keys, the one that seals first."""
        return tuple(self._ciphers)

    def mark(self, name: str | None = None) -> bytes:
        """What every value that this key sealed begins with; without a name, the key that seals now."""
        key = (name or self._current).encode()
        return bytes((FORMAT, len(key))) + key

    def blind(self, text: str, kind: str) -> str:
        """The same 32 hex characters for the same text of the same kind, whatever its accents, case and punctuation."""
        message = f"{kind}\0{normalise(text)}".encode()
        return hmac.digest(self._index_key, message, "sha256").hex()[:BLIND_LENGTH]


def normalise(text: str) -> str:
    """Casefolded, without accents, every run of other signs than letters and digits as one space."""
    if text.isascii():
        return " ".join(text.translate(ONLY_WORDS).split())
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    folded = unicodedata.normalize("NFKD", plain.casefold())
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded).split())


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    if len(sealed) < 2 or sealed[0] != FORMAT:
        raise Unreadable("Cette donnée chiffrée n’a pas la forme attendue.")
    start = 2 + sealed[1]
    return sealed[:start], sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
