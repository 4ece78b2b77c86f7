"""Versions never change, drafts do, and a Fact starts the pathway that fits it best."""

from datetime import UTC, datetime

import orjson
import pytest

from base.errors import Conflict, NotFound, PathwayError
from engine.findings import Refused
from pathways import catalogue
from pathways.context import Context
from pathways.facts import Fact, Stay
from pathways.library import read_zip
from pathways.packages import Package
from tests.support.packages import package as small_package

KEY = "essai"


@pytest.fixture(scope="module")
def package() -> Package:
    return small_package()


def variant(package: Package, **changes: object) -> Package:
    manifest = {**orjson.loads(package.files["parcours.json"]), **changes}
    return Package({**package.files, "parcours.json": orjson.dumps(manifest)}, package.called)


def fact(*diagnoses: str, type: str = "sortie") -> Fact:  # the message's own word
    return Fact(type, "m", datetime(2026, 11, 20, tzinfo=UTC), "v", stay=Stay(diagnoses=diagnoses))


def test_a_published_pathway_is_listed_with_its_number(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        assert catalogue.publish(session, context, package, "anne") == 1
        (line,) = catalogue.listing(session, context.tenant)
        assert (line.key, line.number, line.has_draft) == (KEY, 1, False)
        version = catalogue.published(session, context.tenant, KEY)
        assert context.engine.definition(session, version.digest).digest == version.digest
        assert catalogue.files(session, context.tenant, version).files == package.files


def test_publishing_the_same_files_again_changes_nothing(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        assert [catalogue.publish(session, context, package, "anne") for _ in range(2)] == [1, 1]
        assert catalogue.publish(session, context, variant(package, titre="Autre"), "anne", "titre") == 2
        old, new = (catalogue.version(session, context.tenant, KEY, number) for number in (1, 2))
        assert (old.state, new.state, new.note) == ("retired", "published", "titre")
        assert catalogue.files(session, context.tenant, old).files == package.files
        assert [version.number for version in catalogue.history(session, context.tenant, KEY)] == [2, 1]
        with pytest.raises(NotFound):
            catalogue.version(session, context.tenant, KEY, 3)


def test_a_draft_is_saved_checked_and_published(context: Context, package: Package) -> None:
    notice = b"# Autre notice\n"
    with context.database.begin() as session:
        catalogue.publish(session, context, package, "anne")
        catalogue.save_draft(session, context, KEY, "notice.md", notice, "anne")
        assert catalogue.listing(session, context.tenant)[0].has_draft
        assert [one for one in catalogue.check_draft(session, context, KEY) if one.severity == "error"] == []
        assert catalogue.publish_draft(session, context, KEY, "anne", "notice revue") == 2
        assert not catalogue.listing(session, context.tenant)[0].has_draft
        version = catalogue.published(session, context.tenant, KEY)
        assert catalogue.files(session, context.tenant, version).files["notice.md"] == notice


def test_a_draft_that_changes_nothing_is_not_a_version(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        catalogue.publish(session, context, package, "anne")
        path = package.diagram
        catalogue.save_draft(session, context, KEY, path, package.files[path], "anne")
        with pytest.raises(Conflict, match="ne change rien à la version 1"):
            catalogue.publish_draft(session, context, KEY, "anne")


def test_a_draft_with_an_error_is_kept_but_not_published(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        catalogue.publish(session, context, package, "anne")
        catalogue.save_draft(session, context, KEY, package.diagram, b"<broken", "anne")
        with pytest.raises(Refused):
            catalogue.publish_draft(session, context, KEY, "anne")
        assert catalogue.draft(session, context.tenant, KEY).files[package.diagram] == b"<broken"
        assert catalogue.published(session, context.tenant, KEY).number == 1


def test_a_draft_whose_manifest_does_not_read_is_still_open_to_correction(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        catalogue.publish(session, context, package, "anne")
        catalogue.save_draft(session, context, KEY, "parcours.json", b"{", "anne")
        (found,) = catalogue.check_draft(session, context, KEY)
        assert (found.severity, found.file, found.code) == ("error", "parcours.json", "pathway-manifest-unreadable")
        renamed = variant(package, key="autre").files["parcours.json"]
        catalogue.save_draft(session, context, KEY, "parcours.json", renamed, "anne")
        with pytest.raises(PathwayError, match="reste « essai »"):
            catalogue.publish_draft(session, context, KEY, "anne")


def test_a_draft_file_stays_inside_its_pathway(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        catalogue.publish(session, context, package, "anne")
        with pytest.raises(PathwayError):
            catalogue.save_draft(session, context, KEY, "../x.bpmn", b"", "anne")


def test_an_export_imports_as_a_draft(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        catalogue.publish(session, context, package, "anne")
        again = read_zip(catalogue.export(session, context.tenant, KEY))
        assert again.files == package.files
        copy = variant(again, key="copie")
        renamed = {path.replace(f"{KEY}.bpmn", "copie.bpmn"): content for path, content in copy.files.items()}
        assert catalogue.import_draft(session, context, Package(renamed), "anne") == "copie"
        line = next(one for one in catalogue.listing(session, context.tenant) if one.key == "copie")
        assert (line.number, line.has_draft) == (None, True)
        with pytest.raises(NotFound):
            catalogue.published(session, context.tenant, "copie")


def test_the_closest_trigger_starts(context: Context, package: Package) -> None:
    stroke = [{"type": "sortie", "diagnostics": ["I63", "G45"]}]
    with context.database.begin() as session:
        general = variant(package, key="general", declencheurs=[{"type": "sortie"}])
        special = variant(package, key="special", declencheurs=stroke)
        for one in (general, special):
            catalogue.publish(session, context, one, "anne")
        found = [
            catalogue.starting_with(session, context.tenant, fact(*codes)) for codes in (("I63.9", "I10"), ("J18",))
        ]
        assert [version.key for version in found if version] == ["special", "general"]
        assert catalogue.starting_with(session, context.tenant, fact(type="admission")) is None
        catalogue.retire(session, context.tenant, "special")
        best = catalogue.starting_with(session, context.tenant, fact("I63.9"))
        assert best is not None
        assert best.key == "general"


def test_another_tenant_sees_nothing(context: Context, package: Package) -> None:
    with context.database.begin() as session:
        catalogue.publish(session, context, package, "anne")
        assert catalogue.listing(session, "autre") == []
        with pytest.raises(NotFound):
            catalogue.published(session, "autre", KEY)
