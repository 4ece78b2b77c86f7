"""Plain HTTP to the servers of this machine, by clients that read no certificates: httpx takes 30 ms to read them."""

from typing import Any

import httpx


def client(address: str = "", **options: Any) -> httpx.Client:
    """A client that keeps its lines and its cookies."""
    return httpx.Client(base_url=address, verify=False, **options)


def get(address: str | httpx.URL, **options: Any) -> httpx.Response:
    return httpx.get(address, verify=False, **options)


def post(address: str, **options: Any) -> httpx.Response:
    return httpx.post(address, verify=False, **options)
