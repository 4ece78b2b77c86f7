"""Callbacks tell instants as other programs read them."""

import pytest

from webhooks.callbacks import with_offsets


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("2026-11-26T14:00:00@Europe/Paris", "2026-11-26T14:00:00+01:00"),
        ("2026-07-26T14:00:00@Europe/Paris", "2026-07-26T14:00:00+02:00"),
        ("2026-11-26T14:00:00+01:00", "2026-11-26T14:00:00+01:00"),
        ("2026-11-26T14:00:00@Nulle/Part", "2026-11-26T14:00:00@Nulle/Part"),
        ("nom@exemple.test", "nom@exemple.test"),
        ({"rdv": ["2026-11-26T14:00:00@Europe/Paris", 3, None]}, {"rdv": ["2026-11-26T14:00:00+01:00", 3, None]}),
    ],
)
def test_an_instant_is_told_with_its_offset(said: object, told: object) -> None:
    assert with_offsets(said) == told  # type: ignore[arg-type]  # plain values of every kind
