"""Which files `jalon play` takes with a diagram: those of its pathway, else the decisions and forms beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from base.errors import NotFound, TooLarge
from pathways.library import LARGEST_FILE, read_folder
from pathways.packages import MANIFEST
from pathways.parameters import values

COMPANIONS = (".dmn", ".form")


@dataclass(frozen=True)
class PlayedFiles:
    """The files, which of them is played, and what the pathway's manifest says when there is one."""

    files: Mapping[str, bytes]
    main: str
    process: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


def gather(file: Path) -> PlayedFiles:
    """Raises NotFound, TooLarge, PathwayError."""
    if not file.is_file():
        raise NotFound(f"Fichier introuvable : {file}")
    if file.stat().st_size > LARGEST_FILE:
        raise TooLarge(f"{file} dépasse 5 Mo.")
    if not (file.parent / MANIFEST).is_file():
        return PlayedFiles({**_companions(file.parent), file.name: file.read_bytes()}, file.name)
    package = read_folder(file.parent)
    process = package.manifest.process if file.name == package.diagram else None
    start = {"dossier": "essai", "parcours": package.key, "parametres": values(package.parameters())}
    return PlayedFiles(package.bundle, file.name, process, start)


def _companions(folder: Path) -> dict[str, bytes]:
    """The decisions and forms of the diagram's own folder and of the folders just beneath."""
    found = [path for pattern in ("*", "*/*") for path in folder.glob(pattern) if path.suffix in COMPANIONS]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(found) if path.is_file()}
