"""A package comes from a folder or a zip file, and a hostile zip file does no harm."""

import io
import zipfile
from pathlib import Path

import orjson
import pytest

from base.errors import PathwayError
from pathways.library import read_folder, read_zip, write_zip
from pathways.packages import Package, Trigger, unbundle

MANIFEST = {"key": "essai", "titre": "Essai", "process": "p", "parametres": {"delai": {"valeur": "P2D"}}}


def files(**changes: object) -> dict[str, bytes]:
    return {"parcours.json": orjson.dumps({**MANIFEST, **changes}), "essai.bpmn": b"<a/>", "decisions/d.dmn": b"<b/>"}


def zipped(entries: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in entries.items():
            archive.writestr(path, content)
    return target.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(PathwayError) as caught:
        read_zip(content)
    return caught.value.code


def answer(content: bytes) -> str:
    """The code of a refusal; anything but that or a package breaks the test."""
    try:
        read_zip(content)
    except PathwayError as error:
        return error.code
    return "read"


def test_what_is_exported_comes_back_the_same() -> None:
    package = Package(files())
    again = read_zip(write_zip(package))
    assert again.files == package.files
    assert again.digest == package.digest
    assert write_zip(again) == write_zip(package)


def test_a_zip_without_folder_is_taken_too() -> None:
    assert read_zip(zipped(files())).key == "essai"


@pytest.mark.parametrize(
    "path", ["../evil.json", "/etc/passwd.json", "a/../b.json", "x\\y.json", "..\\z.json", "a//b.json", "./a.json",
             "run.py", ".hidden.json", "a/b/c/d/e.json", "C:evil.json", "x" * 250 + ".json"],
)  # fmt: skip
def test_a_path_that_leaves_the_package_is_refused(path: str) -> None:
    assert refused(zipped({**files(), path: b"x"})) == "package-path"


def test_a_zip_bomb_is_refused_before_it_unfolds() -> None:
    assert refused(zipped({**files(), "notice.md": b"0" * 4_000_000})) == "package-too-large"


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    honest = zipped({**files(), "notice.md": b"0" * 200_000})
    size = (200_000).to_bytes(4, "little")
    assert refused(honest.replace(size, (10).to_bytes(4, "little"))) in {"package-unreadable", "package-too-large"}


def test_too_many_files_are_refused() -> None:
    assert refused(zipped({**files(), **{f"s{n}.json": b"" for n in range(200)}})) == "package-too-large"


def test_a_zip_of_folders_alone_is_refused() -> None:
    assert refused(zipped({**files(), **{f"d{n}/": b"" for n in range(400)}})) == "package-too-large"


def test_a_zip_whose_bytes_are_spoilt_anywhere_is_refused_and_never_breaks() -> None:
    whole = zipped({**files(), "notice.md": bytes(range(256)) * 4})
    spoilt = [whole[:n] + bytes([whole[n] ^ 0xFF]) + whole[n + 1 :] for n in range(len(whole))]
    assert {answer(content) for content in spoilt} >= {"read", "package-unreadable", "package-path"}
    assert refused(whole[: len(whole) // 2]) == "package-unreadable"


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_only_the_common_compression_is_unfolded(method: int) -> None:
    target = io.BytesIO(zipped(files()))
    with zipfile.ZipFile(target, "a", method) as archive:
        archive.writestr("notice.md", b"0" * 100)
    assert refused(target.getvalue()) == "package-unreadable"


def test_links_are_refused() -> None:
    target = io.BytesIO(zipped(files()))
    with zipfile.ZipFile(target, "a") as archive:
        link = zipfile.ZipInfo("lien.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert refused(target.getvalue()) == "package-path"


def test_the_same_name_twice_is_refused() -> None:
    target = io.BytesIO(zipped(files()))
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("essai.bpmn", b"<other/>")
    assert refused(target.getvalue()) == "package-path"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", zipped({"a.json": b"{}"})])
def test_what_is_no_package_is_refused(content: bytes) -> None:
    assert refused(content) in {"package-unreadable", "pathway-manifest-missing"}


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "../x"}, {"key": "A"}, {"key": 3}, {"process": None},
        {"appelle": ["../ailleurs"]}, {"appelle": ["/etc"]}, {"appelle": [3]},
    ],
)  # fmt: skip
def test_a_manifest_whose_key_process_or_calls_cannot_be_is_refused(changes: dict[str, object]) -> None:
    assert refused(zipped(files(**changes))) == "pathway-manifest-unreadable"


def test_a_folder_brings_the_pathways_it_calls(tmp_path: Path) -> None:
    write(tmp_path / "essai", files(appelle=["bloc"]))
    write(tmp_path / "bloc", files(key="bloc", parametres={"delai": {"valeur": "P9D"}, "essais": {"valeur": 3}}))
    package = read_folder(tmp_path / "essai")
    assert sorted(package.bundle) == [
        "appelle/bloc/decisions/d.dmn", "appelle/bloc/essai.bpmn", "appelle/bloc/parcours.json",
        "decisions/d.dmn", "essai.bpmn", "parcours.json",
    ]  # fmt: skip
    assert {name: parameter.value for name, parameter in package.parameters().items()} == {"delai": "P2D", "essais": 3}
    assert unbundle(package.bundle).bundle == package.bundle


def test_a_pathway_that_calls_itself_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "essai", files(appelle=["bloc"]))
    write(tmp_path / "bloc", files(key="bloc", appelle=["essai"]))
    with pytest.raises(PathwayError, match="s’appelle lui-même"):
        read_folder(tmp_path / "essai")


def test_a_called_pathway_must_be_there(tmp_path: Path) -> None:
    write(tmp_path / "essai", files(appelle=["absent"]))
    with pytest.raises(PathwayError, match="introuvable"):
        read_folder(tmp_path / "essai")


def test_a_diagnosis_makes_a_trigger_closer() -> None:
    stroke, any_exit = Trigger("sortie", ("I63", "G45*")), Trigger("sortie")
    assert stroke.weight("sortie", ("I63.9",)) > any_exit.weight("sortie", ("I63.9",)) > 0
    assert stroke.weight("sortie", ("Z99", "G4590")) == 2
    assert stroke.weight("sortie", ("J18",)) == 0
    assert any_exit.weight("admission", ()) == 0


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
