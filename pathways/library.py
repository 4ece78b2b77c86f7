"""Reads and writes packages: a folder, a lone diagram, or a zip file, which come from anywhere and are not trusted."""

import io
import re
import unicodedata
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import orjson

from base.errors import PathwayError
from engine import reader
from engine.dialect import BPMN, XML
from pathways.packages import MANIFEST, Package

MOST_FILES = 200
LARGEST_FILE = 5 * 1024 * 1024
LARGEST_TOTAL = 20 * 1024 * 1024
WORST_RATIO = 100
KINDS = (".bpmn", ".dmn", ".form", ".json", ".md", ".txt", ".svg", ".png")
PART = re.compile(r"[\w][\w. -]{0,79}")
EPOCH = (2026, 1, 1, 0, 0, 0)


def read_folder(folder: Path) -> Package:
    """The package in a folder, with those it calls taken from the folders beside it. Raises PathwayError."""
    return _with_called(_read_folder(folder), folder.parent, (folder.name,))


def read_folders(root: Path) -> list[Package]:
    """Every package beneath a folder."""
    return [read_folder(path.parent) for path in sorted(root.glob(f"*/{MANIFEST}"))]


def read_zip(content: bytes) -> Package:
    """The package in a zip file, whose entries may stand in one folder. Raises PathwayError."""
    if len(content) > LARGEST_TOTAL:
        raise _refused("Ce fichier dépasse 20 Mo.", "package-too-large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _entries(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as cause:
        raise _refused("Ce fichier zip ne s’ouvre pas.", "package-unreadable") from cause
    return _package(_without_common_folder(files))


def read_diagram(content: bytes, name: str) -> Package:
    """The package of a lone diagram of any tool: the file as it is, and the least manifest that it allows.

    What is inside need not be executable: that is for the checks to say. Raises PathwayError, Refused.
    """
    root = reader.read(content, name)
    if root.tag != f"{BPMN}definitions":
        raise PathwayError(
            "Ce fichier n’est pas un diagramme BPMN 2.0.",
            hint="Exportez le diagramme au format BPMN 2.0 (.bpmn), puis importez-le.",
            file=name,
            code="diagram-unreadable",
        )
    key = _key(name)
    said = {"key": key, "titre": root.get("name") or name, "process": _main_process(root)}
    return Package({f"{key}.bpmn": content, MANIFEST: orjson.dumps(said, option=orjson.OPT_INDENT_2)})


def _key(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain)[:60].strip("-") or "parcours"


def _main_process(root: XML) -> str:
    """The first process that may be executed, else the first one."""
    processes = root.findall(f"{BPMN}process")
    executable = [process for process in processes if process.get("isExecutable") == "true"]
    return next((found for process in executable + processes if (found := process.get("id"))), "process")


def write_zip(package: Package) -> bytes:
    """The package as a zip file with one folder; the same files always give the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(package.files):
            entry = zipfile.ZipInfo(f"{package.key}/{path}", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, package.files[path])
    return target.getvalue()


def check_path(path: str) -> str:
    """The path, when it stays inside the package and names a kind of file that packages hold. Raises PathwayError."""
    parts = PurePosixPath(path).parts
    if not parts or len(parts) > 4 or len(path) > 200 or "/".join(parts) != path:
        raise _refused(f"Le nom de fichier « {path[:80]} » n’est pas admis.", "package-path")
    if any(not PART.fullmatch(part) for part in parts) or not path.endswith(KINDS):
        raise _refused(f"Le nom de fichier « {path[:80]} » n’est pas admis.", "package-path")
    return path


def _read_folder(folder: Path) -> Package:
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue
        if path.stat().st_size > LARGEST_FILE:
            raise _refused(f"Le fichier « {inside} » dépasse 5 Mo.", "package-too-large")
        files[check_path(inside.as_posix())] = path.read_bytes()
        if len(files) > MOST_FILES:
            raise _refused(f"Un parcours tient en {MOST_FILES} fichiers au plus.", "package-too-large")
    return _package(files)


def _with_called(package: Package, root: Path, seen: tuple[str, ...]) -> Package:
    called = []
    for key in package.manifest.calls:
        if key in seen:
            raise _refused(f"Le parcours « {key} » s’appelle lui-même.", "pathway-calls-itself")
        if not (root / key / MANIFEST).is_file():
            raise _refused(f"Le parcours appelé « {key} » est introuvable.", "pathway-called-unknown")
        called.append(_with_called(_read_folder(root / key), root, (*seen, key)))
    return Package(package.files, tuple(called))


def _entries(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MOST_FILES or len(archive.infolist()) > 2 * MOST_FILES:
        raise _refused(f"Un parcours tient en {MOST_FILES} fichiers au plus.", "package-too-large")
    files: dict[str, bytes] = {}
    for entry in entries:
        path = check_path(entry.filename)
        if path in files:
            raise _refused(f"Le fichier « {path} » est là deux fois.", "package-path")
        files[path] = _read_entry(archive, entry)
        if sum(map(len, files.values())) > LARGEST_TOTAL:
            raise _refused("Les fichiers dépassent ensemble 20 Mo.", "package-too-large")
    return files


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """What the entry announces is checked, and what really comes out too."""
    is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused("Ce fichier zip est comprimé d’une façon qui n’est pas admise.", "package-unreadable")
    if is_link or entry.flag_bits & 1:
        raise _refused(f"Le fichier « {entry.filename} » est un lien ou est chiffré.", "package-path")
    if entry.file_size > LARGEST_FILE or entry.file_size > WORST_RATIO * max(entry.compress_size, 1024):
        raise _refused(f"Le fichier « {entry.filename} » se déploie trop.", "package-too-large")
    with archive.open(entry) as source:
        content = source.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise _refused(f"Le fichier « {entry.filename} » dépasse 5 Mo.", "package-too-large")
    return content


def _without_common_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    if MANIFEST in files:
        return files
    folders = {path.partition("/")[0] for path in files}
    if len(folders) == 1 and all("/" in path for path in files):
        return {path.partition("/")[2]: content for path, content in files.items()}
    return files


def _package(files: dict[str, bytes]) -> Package:
    if MANIFEST not in files:
        raise _refused(f"Il manque {MANIFEST}, la carte d’identité du parcours.", "pathway-manifest-missing")
    package = Package(files)
    if not package.texts(".bpmn"):
        raise _refused("Il manque le diagramme (.bpmn).", "pathway-diagram-missing")
    if not package.manifest.key:
        raise _refused("Le parcours n’a pas de clé.", "pathway-manifest-unreadable")
    return package


def _refused(message: str, code: str) -> PathwayError:
    return PathwayError(message, hint="Importez un dossier de parcours exporté par Jalon.", code=code)
