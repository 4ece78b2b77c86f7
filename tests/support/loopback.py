"""Plain HTTP to the servers of this machine, by clients that read no certificates: httpx takes 30 ms to read them."""

from typing import Any

import httpx

from tests.support.patience import PATIENCE

PLAIN: dict[str, Any] = {"verify": False, "timeout": PATIENCE}


def client(address: str = "", **options: Any) -> httpx.Client:
    """A client that keeps its lines and its cookies."""
    return httpx.Client(base_url=address, **PLAIN | options)


def get(address: str | httpx.URL, **options: Any) -> httpx.Response:
    return httpx.get(address, **PLAIN | options)


def post(address: str, **options: Any) -> httpx.Response:
    return httpx.post(address, **PLAIN | options)
