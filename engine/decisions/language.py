"""Which expression language a file names: FEEL is the only one that is run."""


def is_feel(language: str) -> bool:
    """`feel`, or the address that a version of the standard gives to FEEL; nothing means FEEL."""
    return not language or "feel" in language.casefold().rstrip("/").split("/")
