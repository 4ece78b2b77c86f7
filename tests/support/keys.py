"""Secrets of no worth, the same in every test."""

import base64

VAULT_KEY = "test:" + base64.b64encode(bytes(range(32))).decode()
INDEX_KEY = base64.b64encode(bytes(range(32, 64))).decode()
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"the partner hospital in tests, 32").decode()

SECRETS = {
    "JALON_SECRET_KEY": "a secret of no worth, long enough to be taken",
    "JALON_VAULT_KEYS": VAULT_KEY,
    "JALON_INDEX_KEY": INDEX_KEY,
}
