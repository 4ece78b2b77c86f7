"""A package: the files of one pathway, with what its `parcours.json` says of it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import orjson

from base.errors import PathwayError
from pathways.parameters import Parameter, read_parameters

MANIFEST = "parcours.json"
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CALLED = "appelle/"


@dataclass(frozen=True)
class Trigger:
    """What starts the pathway: a type of message, and the diagnoses (CIM-10 prefixes) it is limited to."""

    type: str
    diagnoses: tuple[str, ...] = ()

    def weight(self, message: str, diagnoses: tuple[str, ...]) -> int:
        """How closely it fits: 0 not at all, 1 by type alone, 2 by a diagnosis too."""
        if message != self.type:
            return 0
        if not self.diagnoses:
            return 1
        plain = [code.replace(".", "") for code in diagnoses]
        prefixes = tuple(code.rstrip("*").replace(".", "") for code in self.diagnoses)
        return 2 if any(code.startswith(prefixes) for code in plain) else 0


@dataclass(frozen=True)
class Manifest:
    """What `parcours.json` says."""

    key: str
    title: str
    mission: str
    status: str
    author: str
    date: str
    process: str
    sources: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @classmethod
    def read(cls, content: bytes) -> "Manifest":
        """Raises PathwayError."""
        try:
            said = orjson.loads(content)
        except orjson.JSONDecodeError as cause:
            raise _unreadable("Ce n’est pas du JSON lisible.", cause.lineno) from cause
        if not isinstance(said, dict):
            raise _unreadable("Un objet JSON est attendu.")
        key, process = said.get("key", said.get("cle")), said.get("process")
        if not isinstance(key, str) or not KEY.fullmatch(key) or len(key) > 60:
            raise _unreadable("La clé « key » est faite de minuscules, de chiffres et de tirets, par exemple post-avc.")
        if not isinstance(process, str) or not process:
            raise _unreadable("« process » nomme le processus principal du diagramme.")
        return cls(
            key=key,
            title=_text(said, "titre") or key,
            mission=_text(said, "mission"),
            status=_text(said, "statut"),
            author=_text(said, "auteur"),
            date=_text(said, "date"),
            process=process,
            sources=tuple(str(source) for source in _list(said, "sources")),
            calls=tuple(_key(called) for called in _list(said, "appelle")),
            triggers=tuple(_trigger(one) for one in _list(said, "declencheurs") if isinstance(one, dict)),
            parameters=read_parameters(said.get("parametres")),
        )


@dataclass(frozen=True)
class Package:
    """The files of a pathway by their path; `called` are the packages its diagram calls."""

    files: Mapping[str, bytes]
    called: "tuple[Package, ...]" = ()

    @cached_property
    def manifest(self) -> Manifest:
        return Manifest.read(self.files[MANIFEST])

    @property
    def key(self) -> str:
        return self.manifest.key

    @property
    def digest(self) -> str:
        """Names the content of the files, whatever their order."""
        total = hashlib.sha256()
        for path in sorted(self.files):
            total.update(path.encode() + b"\0" + hashlib.sha256(self.files[path]).digest())
        return total.hexdigest()

    @property
    def diagram(self) -> str:
        """The path of the main diagram."""
        own = f"{self.key}.bpmn"
        paths = sorted(path for path in self.files if path.endswith(".bpmn"))
        return own if own in self.files or not paths else paths[0]

    @property
    def bundle(self) -> dict[str, bytes]:
        """What the engine deploys: these files, and those of every pathway called, under `appelle/<key>/`."""
        files = dict(self.files)
        for package in self.everything_called():
            files |= {f"{CALLED}{package.key}/{path}": content for path, content in package.files.items()}
        return files

    def everything_called(self) -> "list[Package]":
        """The packages called, directly or not, each once."""
        found: dict[str, Package] = {}
        for package in self.called:
            for one in (package, *package.everything_called()):
                found.setdefault(one.key, one)
        return list(found.values())

    def parameters(self) -> dict[str, Parameter]:
        """Each parameter by name, those of called pathways included; the caller's own win."""
        values: dict[str, Parameter] = {}
        for package in (*reversed(self.everything_called()), self):
            values |= package.manifest.parameters
        return values

    def texts(self, suffix: str) -> dict[str, bytes]:
        """The own files whose path ends so."""
        return {path: content for path, content in sorted(self.files.items()) if path.endswith(suffix)}


def unbundle(files: Mapping[str, bytes]) -> Package:
    """The package that a bundle was made of."""
    own = {path: content for path, content in files.items() if not path.startswith(CALLED)}
    keys = sorted({path.split("/")[1] for path in files if path.startswith(CALLED)})
    called = tuple(_under(files, f"{CALLED}{key}/") for key in keys)
    return Package(own, called)


def _under(files: Mapping[str, bytes], start: str) -> Package:
    return Package({path[len(start) :]: content for path, content in files.items() if path.startswith(start)})


def _unreadable(message: str, line: int = 0) -> PathwayError:
    return PathwayError(
        message, file=MANIFEST, line=line, hint="Corrigez parcours.json.", code="pathway-manifest-unreadable"
    )


def _key(called: object) -> str:
    """A key is also the name of a folder: it never leads out of the one where pathways lie."""
    if not isinstance(called, str) or not KEY.fullmatch(called):
        raise _unreadable("« appelle » nomme des parcours par leur clé, par exemple identite-consentement.")
    return called


def _text(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _list(said: Mapping[str, object], name: str) -> list[object]:
    value = said.get(name)
    return value if isinstance(value, list) else []


def _trigger(said: Mapping[str, object]) -> Trigger:
    return Trigger(_text(said, "type"), tuple(str(code) for code in _list(said, "diagnostics")))
