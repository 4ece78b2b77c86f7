"""« Échanges » and « Documents » of a case: who may read and write them, whom one may call, which files are taken."""

import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from care.case import attachments
from care.case.tables import attachment_piece, comment, mention
from care.sharing import consents
from care.tables import access_log
from people.notices.tables import notice
from tests.inbox.conftest import TENANT, Site

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
ZIP = b"PK\x03\x04" + bytes(64)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"\xef\xbb\xbf<!doctype html><script>alert(1)</script>"


@pytest.fixture
def case(site: Site) -> str:
    return site.open_case()


def post(client: FlaskClient, path: str, **data: object):
    return client.post(path, data={"_csrf": client.csrf, **data})


def say(client: FlaskClient, case: str, words: str):
    return post(client, f"/dossiers/{case}/messages", texte=words)


def send(client: FlaskClient, case: str, content: bytes, name: str = "lettre.pdf"):
    return client.post(f"/dossiers/{case}/documents", **upload(fichier=(name, content), _csrf=client.csrf))


def upload(_csrf: str = "", **files: tuple[str, bytes]) -> dict[str, object]:
    """A form with files, encoded in memory."""
    given = {field: FileStorage(io.BytesIO(content), name) for field, (name, content) in files.items()}
    boundary, body = encode_multipart({"_csrf": _csrf, **given})
    return {"data": body, "content_type": f"multipart/form-data; boundary={boundary}"}


def test_a_message_is_read_by_the_circle_and_sealed_where_it_is_kept(site: Site, case: str) -> None:
    doctor = site.client(site.doctor)
    assert say(doctor, case, "Lettre relancée. <b>Voir</b> demain.").status_code == 303
    page = doctor.get(f"/dossiers/{case}").text
    assert "Lettre relancée. &lt;b&gt;Voir&lt;/b&gt; demain." in page
    with site.context.database.read() as session:
        (row,) = session.execute(comment.select()).all()
    assert (row.author, row.case, row.kind) == (site.doctor.id, case, "comment")
    assert b"relanc" not in row.text


def test_outside_the_circle_nothing_is_read_written_or_attached(site: Site, case: str) -> None:
    stranger = site.client(site.colleague)
    assert say(stranger, case, "Bonjour").status_code == 403
    assert send(stranger, case, PDF).status_code == 403
    assert post(stranger, f"/dossiers/{case}/appels", issue="joint").status_code == 403
    assert stranger.get(f"/api/cases/{case}/comments").status_code == 403


def test_one_calls_somebody_of_the_circle_by_name_and_nobody_else(site: Site, case: str) -> None:
    doctor = site.client(site.doctor)
    assert say(doctor, case, "@Sophie pouvez-vous relancer ?").status_code == 303
    with site.context.database.read() as session:
        assert session.scalars(select(mention.c.person)).all() == [site.coordinator.id]
    assert '<span class="at">@Sophie</span>' in doctor.get(f"/dossiers/{case}").text
    wrong = say(doctor, case, "@Anne qu’en pensez-vous ?")
    assert wrong.status_code == 422
    assert "n’est pas dans le cercle de soins" in wrong.text
    assert "qu’en pensez-vous" in wrong.text
    assert say(doctor, case, "son adresse : a@b.test").status_code == 303


def test_a_message_that_is_sent_twice_within_a_moment_is_one_and_calls_once(site: Site, case: str) -> None:
    doctor, words = site.client(site.doctor), "@Sophie pouvez-vous relancer ?"
    for _ in range(2):
        assert say(doctor, case, words).status_code == 303
    said = {"words": words, "task": None}
    again = doctor.post(f"/api/cases/{case}/comments", json=said, headers={"X-CSRF-Token": doctor.csrf})
    assert again.status_code == 201
    with site.context.database.read() as session:
        assert len(session.execute(comment.select()).all()) == len(session.execute(notice.select()).all()) == 1
    site.clock.advance(timedelta(minutes=3))
    say(site.client(site.doctor), case, words)
    assert len(doctor.get(f"/api/cases/{case}/comments").json["comments"]) == 2


def test_a_task_page_offers_what_the_guard_grants_and_the_rest_once_the_task_is_taken(site: Site, case: str) -> None:
    """The nurse is not of the circle: the task is offered to the role, and then hers."""
    nurse, page = site.client(site.nurse), f"/taches/{site.task(case)}"
    closed = nurse.get(page).text
    assert "Prenez cette tâche pour écrire au cercle de soins" in closed
    assert not {words for words in (f"/dossiers/{case}", "Publier", "Noter un appel", "Tracé") if words in closed}
    assert say(nurse, case, "Bonjour").status_code == 403
    assert post(nurse, f"{page}/prendre").status_code == 303
    opened = nurse.get(page).text
    assert {
        words for words in (f"/dossiers/{case}", "Publier", "Noter un appel", "Tracé") if words not in opened
    } == set()
    assert say(nurse, case, "Bonjour").status_code == 303


def test_a_draft_joined_to_the_exchanges_keeps_its_words_and_calls_nobody(site: Site, case: str) -> None:
    """And whoever may not open the case is led back to a page of theirs that says so."""
    nurse, waits = site.client(site.nurse), site.task(case)
    words = "Écrire à @Sophie"
    joined = post(nurse, f"/taches/{waits}/joindre", remarque=words)
    assert joined.status_code == 303
    assert nurse.get(joined.location).status_code == 200
    with site.context.database.read() as session:
        assert session.execute(mention.select()).all() == []
    assert words in site.client(site.doctor).get(f"/dossiers/{case}").text


def test_the_coordination_reads_what_is_addressed_to_it_alone(site: Site, case: str) -> None:
    doctor, coordinator = site.client(site.doctor), site.client(site.coordinator)
    say(doctor, case, "Aphasie discrète.")
    say(doctor, case, "@Sophie un rendez-vous avant mardi ?")
    read = coordinator.get(f"/dossiers/{case}").text
    assert "un rendez-vous avant mardi" in read
    assert "Aphasie" not in read
    assert "1 message ne vous est pas destiné." in read
    told = coordinator.get(f"/api/cases/{case}/comments").json
    assert [one["text"] for one in told["comments"]] == ["@Sophie un rendez-vous avant mardi ?"]
    assert told["withheld"] == {"count": 1, "words": "1 message ne vous est pas destiné."}
    say(doctor, case, "Apraxie aussi.")
    words = "2 messages ne vous sont pas destinés."
    assert coordinator.get(f"/api/cases/{case}/comments").json["withheld"] == {"count": 2, "words": words}
    assert words in coordinator.get(f"/dossiers/{case}").text
    assert doctor.get(f"/api/cases/{case}/comments").json["withheld"] == {"count": 0, "words": ""}


def test_one_s_own_words_are_corrected_shortly_after_and_the_first_stay_readable(site: Site, case: str) -> None:
    doctor = site.client(site.doctor)
    say(doctor, case, "Apixaban 5 mg une fois.")
    (said,) = doctor.get(f"/api/cases/{case}/comments").json["comments"]
    path = f"/dossiers/{case}/messages/{said['id']}/correction"
    assert post(site.client(site.coordinator), path, texte="Non").status_code == 403
    assert post(doctor, path, texte="Apixaban 5 mg deux fois.").status_code == 303
    page = doctor.get(f"/dossiers/{case}").text
    assert "Apixaban 5 mg deux fois." in page
    assert "Apixaban 5 mg une fois." in page
    assert "Corrigé" in page
    site.clock.advance(timedelta(minutes=16))
    assert post(doctor, path, texte="Trop tard").status_code == 409


def test_a_call_is_noted_with_how_it_went(site: Site, case: str) -> None:
    doctor = site.client(site.doctor)
    assert post(doctor, f"/dossiers/{case}/appels", issue="message").status_code == 303
    assert "Message laissé." in doctor.get(f"/dossiers/{case}").text
    assert post(doctor, f"/dossiers/{case}/appels", issue="peut-être").status_code == 422


@pytest.mark.parametrize(
    ("content", "name", "kept"),
    [
        (PDF, "../../Lettre de liaison.PDF", "Lettre de liaison.pdf"),
        (PNG, "photo.png.exe", "photo.png"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "C:\\bureau\\plaie\u202egpj.exe", "plaiegpj.jpg"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(20), "", "document.heic"),
        ("PA 140/80 à 9 h\n".encode(), "relevé.html", "relevé.txt"),
    ],
)
def test_a_file_is_known_by_its_content_and_named_so_that_no_system_misreads_it(
    content: bytes, name: str, kept: str
) -> None:
    kind = attachments.sniff(content)
    assert kind is not None
    assert attachments.named(name, kind) == kept


@pytest.mark.parametrize(
    "content", [ZIP, SVG, HTML, b"", b"MZ\x90\x00", b"<?php", "caf\xe9".encode("latin-1"), b"a\x00b"]
)
def test_what_a_browser_could_run_or_nobody_can_read_is_not_taken(content: bytes) -> None:
    assert content == b"" or attachments.sniff(content) is None


def test_a_file_is_kept_sealed_and_given_back_so_that_nothing_runs_it(site: Site, case: str) -> None:
    doctor = site.client(site.doctor)
    content = PDF + bytes(range(256)) * 3000
    assert send(doctor, case, content, "Lettre d’Été.pdf").status_code == 303
    (file,) = doctor.get(f"/api/cases/{case}/documents").json
    assert (file["name"], file["size"]) == ("Lettre d’Été.pdf", len(content))
    given = doctor.get(f"/dossiers/{case}/documents/{file['id']}")
    assert given.data == content
    assert given.headers["Content-Disposition"].startswith("attachment;")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    with site.context.database.read() as session:
        pieces = session.scalars(select(attachment_piece.c.content)).all()
        looks = session.scalars(select(access_log.c.what).where(access_log.c.person == site.doctor.id)).all()
    assert len(pieces) == 2
    assert not any(b"%PDF" in piece or b"endobj" in piece for piece in pieces)
    assert "document" in looks
    assert site.client(site.colleague).get(f"/dossiers/{case}/documents/{file['id']}").status_code == 403
    assert site.client(site.coordinator).get(f"/dossiers/{case}/documents/{file['id']}").status_code == 403
    other = site.open_case("PAT-QUATRE")
    assert doctor.get(f"/dossiers/{other}/documents/{file['id']}").status_code == 404


def test_a_file_that_is_refused_is_refused_in_words(site: Site, case: str) -> None:
    doctor = site.client(site.doctor)
    large = send(doctor, case, PDF + bytes(attachments.MOST_BYTES))
    assert large.status_code == 413
    assert "Ce fichier dépasse 10 Mo. Envoyez-le en plusieurs parties." in large.text
    archive = send(doctor, case, ZIP, "lettre.pdf")
    assert archive.status_code == 415
    assert "Seuls les PDF, les photos et les textes simples sont pris." in archive.text
    headers = {"X-CSRF-Token": doctor.csrf}
    refused = doctor.post(f"/api/cases/{case}/documents", **upload(file=("a.pdf", SVG)), headers=headers)
    assert (refused.status_code, refused.json["code"]) == (415, "file-refused")
    kept = doctor.post(f"/api/cases/{case}/documents", **upload(file=("a.pdf", PDF)), headers=headers)
    assert kept.status_code == 201
    assert len(doctor.get(f"/api/cases/{case}/documents").json) == 1


def test_a_case_holds_so_much_and_no_more(site: Site, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_IN_CASE", 2 * len(PDF))
    doctor = site.client(site.doctor)
    assert [send(doctor, case, PDF).status_code for _ in range(3)] == [303, 303, 409]


def test_an_opposition_closes_the_thread_and_the_files(site: Site, case: str) -> None:
    doctor = site.client(site.doctor)
    say(doctor, case, "Bonjour")
    send(doctor, case, PDF)
    file = doctor.get(f"/api/cases/{case}/documents").json[0]["id"]
    with site.context.database.begin() as session:
        patient = session.connection().exec_driver_sql("SELECT id FROM patient").scalar_one()
        consents.oppose(session, site.clock, TENANT, patient)
    assert doctor.get(f"/dossiers/{case}/documents/{file}").status_code == 403
    assert doctor.get(f"/api/cases/{case}/comments").status_code == 403
    assert say(doctor, case, "Encore").status_code == 403
