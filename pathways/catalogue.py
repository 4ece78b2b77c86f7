"""The pathways of a CPTS: their published versions, which never change, and the draft in hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from base.errors import Conflict, NotFound, PathwayError
from base.prepared import Query
from engine.findings import Finding, Refused
from engine.tables import definition_file
from pathways import checks, drafts
from pathways.context import Context
from pathways.facts import Fact
from pathways.library import write_zip
from pathways.packages import MANIFEST, Manifest, Package, unbundle
from pathways.parameters import Parameter, read_parameters, stored
from pathways.tables import draft_file
from pathways.tables import pathway as pathways
from pathways.tables import pathway_version as versions

PUBLISHED, RETIRED = "published", "retired"
KEPT = 256
IN_FORCE = Query(
    select(versions)
    .where(versions.c.tenant == bindparam("tenant"), versions.c.state == PUBLISHED)
    .order_by(versions.c.key)
)
TITLES = Query(select(pathways.c.key, pathways.c.title).where(pathways.c.tenant == bindparam("tenant")))
CURRENT = Query(
    select(versions).where(
        versions.c.tenant == bindparam("tenant"), versions.c.key == bindparam("key"), versions.c.state == PUBLISHED
    )
)


@dataclass(frozen=True)
class Version:
    """One published version; `digest` names the files that the engine runs."""

    key: str
    number: int
    digest: str
    state: str
    manifest: Manifest
    parameters: Mapping[str, Parameter]
    published_at: datetime
    published_by: str
    note: str

    @property
    def title(self) -> str:
        return self.manifest.title

    @property
    def process(self) -> str:
        return self.manifest.process


@dataclass(frozen=True)
class Line:
    """A pathway in the list: the version new cases take, if any, and whether a draft is in hand."""

    key: str
    title: str
    mission: str
    status: str
    number: int | None
    published_at: datetime | None
    has_draft: bool


def publish(session: Session, context: Context, package: Package, by: str, note: str = "") -> int:
    """Deploy a package as the version that new cases take; returns its number.

    Publishing the files of the current version again changes nothing. Raises Refused with all findings.
    """
    errors = [finding for finding in checks.check(context.engine, package) if finding.severity == "error"]
    if errors:
        raise Refused(errors)
    digest = context.engine.deploy(session, package.bundle)
    declare(session, context, package.manifest)
    current = _current(session, context.tenant, package.key)
    if current is None or current.digest != digest:
        _add_version(session, context, package, digest, by, note)
    drafts.discard(session, context.tenant, package.key)
    return published(session, context.tenant, package.key).number


def publish_draft(session: Session, context: Context, key: str, by: str, note: str = "") -> int:
    """Publish the draft in hand; raises Conflict when it changes nothing, Refused with all findings."""
    package = draft(session, context.tenant, key)
    if package.key != key:
        raise PathwayError(
            f"La clé du parcours reste « {key} ».",
            file=MANIFEST,
            hint="Pour un autre parcours, exportez celui-ci, changez sa clé et importez-le.",
            code="pathway-key-changed",
        )
    current = _current(session, context.tenant, key)
    if current is not None and files(session, context.tenant, current).files == package.files:
        raise Conflict(f"Ce brouillon ne change rien à la version {current.number}.", code="draft-unchanged")
    return publish(session, context, package, by, note)


def retire(session: Session, tenant: str, key: str) -> None:
    """No new case takes this pathway any more; running ones go on."""
    session.execute(
        update(versions)
        .where(versions.c.tenant == tenant, versions.c.key == key, versions.c.state == PUBLISHED)
        .values(state=RETIRED)
    )


def published(session: Session, tenant: str, key: str) -> Version:
    """The version that new cases take. Raises NotFound."""
    found = _current(session, tenant, key)
    if found is None:
        raise NotFound(f"Le parcours « {key} » n’est pas publié.", code="pathway-not-published")
    return found


def version(session: Session, tenant: str, key: str, number: int) -> Version:
    """Raises NotFound."""
    row = session.execute(_versions(tenant, key).where(versions.c.number == number)).one_or_none()
    if row is None:
        raise NotFound(f"Le parcours « {key} » n’a pas de version {number}.", code="pathway-version-unknown")
    return _version(row)


def history(session: Session, tenant: str, key: str) -> list[Version]:
    """Every version of a pathway, newest first."""
    rows = session.execute(_versions(tenant, key).order_by(versions.c.number.desc()))
    return [_version(row) for row in rows.all()]


def starting_with(session: Session, tenant: str, fact: Fact) -> Version | None:
    """The published version that a Fact starts: the closest trigger wins, a diagnosis being closer than a type."""
    weighed = [(_weight(found.manifest, fact), found) for found in in_force(session, tenant)]
    weight, best = max(weighed, key=lambda one: one[0], default=(0, None))
    return best if weight else None


def in_force(session: Session, tenant: str) -> list[Version]:
    """The versions that new cases take, by key."""
    return [_version(row) for row in IN_FORCE.all(session, {"tenant": tenant})]


def titles(session: Session, tenant: str) -> dict[str, str]:
    """The title of every pathway, by key."""
    return {row.key: row.title for row in TITLES.all(session, {"tenant": tenant})}


def listing(session: Session, tenant: str) -> list[Line]:
    """Every pathway, by title."""
    current = {row.key: _version(row) for row in session.execute(_published(tenant)).all()}
    drafted = set(session.scalars(select(draft_file.c.key).where(draft_file.c.tenant == tenant).distinct()).all())
    rows = session.execute(select(pathways).where(pathways.c.tenant == tenant).order_by(pathways.c.title)).all()
    return [_line(row, current.get(row.key), row.key in drafted) for row in rows]


def files(session: Session, tenant: str, version: Version) -> Package:
    """The files of a version, with those of the pathways it calls."""
    rows = session.execute(
        select(definition_file.c.path, definition_file.c.content).where(
            definition_file.c.tenant == tenant, definition_file.c.digest == version.digest
        )
    )
    return unbundle({row.path: row.content for row in rows.all()})


def export(session: Session, tenant: str, key: str, number: int | None = None) -> bytes:
    """A version as a zip file, the published one by default."""
    chosen = published(session, tenant, key) if number is None else version(session, tenant, key, number)
    return write_zip(files(session, tenant, chosen))


def export_draft(session: Session, tenant: str, key: str) -> bytes:
    """The draft in hand as a zip file, or the published files when there is none. Raises NotFound."""
    return write_zip(draft(session, tenant, key))


def draft(session: Session, tenant: str, key: str) -> Package:
    """The draft in hand, or the published files when there is none. Raises NotFound."""
    own = drafts.files(session, tenant, key)
    if not own:
        return files(session, tenant, published(session, tenant, key))
    calls = _calls(own.get(MANIFEST, b""))
    called = [found for one in calls if (found := _current(session, tenant, one)) is not None]
    return Package(own, tuple(files(session, tenant, one) for one in called))


def save_draft(session: Session, context: Context, key: str, path: str, content: bytes, by: str) -> None:
    """Keep one file of the draft; the first one brings the published files with it. Raises NotFound, PathwayError."""
    if not drafts.exists(session, context.tenant, key):
        before = draft(session, context.tenant, key)
        drafts.replace(session, context, key, before.files, by)
    drafts.save(session, context, key, path, content, by)


def import_draft(session: Session, context: Context, package: Package, by: str) -> str:
    """Take a package in as the draft of its pathway, new or known; returns its key."""
    declare(session, context, package.manifest)
    drafts.replace(session, context, package.key, package.files, by)
    return package.key


def check_draft(session: Session, context: Context, key: str) -> list[Finding]:
    """What the checks say of the draft in hand."""
    return checks.check(context.engine, draft(session, context.tenant, key))


def declare(session: Session, context: Context, manifest: Manifest) -> None:
    """Have the pathway in the list under its present title."""
    one = (pathways.c.tenant == context.tenant, pathways.c.key == manifest.key)
    said = {"title": manifest.title, "mission": manifest.mission}
    if session.execute(select(pathways.c.key).where(*one)).one_or_none() is None:
        row = {"tenant": context.tenant, "key": manifest.key, "created_at": context.clock.now(), **said}
        session.execute(insert(pathways).values(row))
    else:
        session.execute(update(pathways).where(*one).values(said))


def _add_version(session: Session, context: Context, package: Package, digest: str, by: str, note: str) -> None:
    last = session.scalars(
        select(func.max(versions.c.number)).where(versions.c.tenant == context.tenant, versions.c.key == package.key)
    ).one()
    retire(session, context.tenant, package.key)
    row = {
        "tenant": context.tenant,
        "key": package.key,
        "number": (last or 0) + 1,
        "digest": digest,
        "state": PUBLISHED,
        "manifest": package.files[MANIFEST].decode(),
        "parameters": stored(package.parameters()),
        "published_at": context.clock.now(),
        "published_by": by,
        "note": note,
    }
    try:
        session.execute(insert(versions).values(row))
    except IntegrityError as cause:
        raise Conflict("Une autre version vient d’être publiée. Relisez-la avant la vôtre.") from cause


def _calls(manifest: bytes) -> tuple[str, ...]:
    """What a draft calls; nothing while its manifest does not read, which the checks will say."""
    try:
        return Manifest.read(manifest).calls
    except PathwayError:
        return ()


def _weight(manifest: Manifest, fact: Fact) -> int:
    return max((trigger.weight(fact.type, fact.stay.diagnoses) for trigger in manifest.triggers), default=0)


def _versions(tenant: str, key: str) -> Select[*tuple[object, ...]]:
    return select(versions).where(versions.c.tenant == tenant, versions.c.key == key)


def _published(tenant: str) -> Select[*tuple[object, ...]]:
    return select(versions).where(versions.c.tenant == tenant, versions.c.state == PUBLISHED)


def _current(session: Session, tenant: str, key: str) -> Version | None:
    row = CURRENT.first(session, {"tenant": tenant, "key": key})
    return None if row is None else _version(row)


def _version(row: Any) -> Version:
    return Version(
        key=row.key,
        number=row.number,
        digest=row.digest,
        state=row.state,
        manifest=_manifest(row.manifest),
        parameters=_parameters(row.parameters),
        published_at=row.published_at,
        published_by=row.published_by,
        note=row.note,
    )


@lru_cache(maxsize=KEPT)
def _manifest(text: str) -> Manifest:
    """Kept by its own text, which a published version never changes."""
    return Manifest.read(text.encode())


@lru_cache(maxsize=KEPT)
def _parameters(text: str) -> Mapping[str, Parameter]:
    return MappingProxyType(read_parameters(orjson.loads(text)))


def _line(row: Row[*tuple[object, ...]], current: Version | None, has_draft: bool) -> Line:
    return Line(
        key=row.key,
        title=row.title,
        mission=row.mission,
        status=current.manifest.status if current else "",
        number=current.number if current else None,
        published_at=current.published_at if current else None,
        has_draft=has_draft,
    )
