import json
import logging
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from base import log
from base.errors import NotFound


@pytest.fixture
def lines(settings, capsys):
    log.configure(replace(settings, log_format="json"))
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


def test_only_known_keys_are_logged(lines):
    structlog.get_logger().info("task_opened", task="t1", nom="PAT-TROIS", case={"nom": "PAT-TROIS"})
    (line,) = lines()
    assert line["event"] == "task_opened"
    assert line["task"] == "t1"
    assert line["dropped"] == "case nom"
    assert "PAT-TROIS" not in json.dumps(line)


def test_a_failure_is_told_without_the_text_of_a_foreign_error(lines):
    try:
        raise ValueError("PAT-TROIS Dominique")
    except ValueError as error:
        log.report("job_failed", error, job="j1")
    (line,) = lines()
    assert (line["error"], line["job"]) == ("ValueError", "j1")
    assert "test_base_log.py" in line["where"]
    assert "PAT-TROIS" not in json.dumps(line)


def test_what_the_driver_calls_its_error_is_told_without_its_text(lines, database):
    with pytest.raises(DatabaseError) as refused, database.begin() as session:
        session.execute(text("SELECT 'PAT-TROIS' FROM nowhere"))
    log.report("request_failed", refused.value)
    (line,) = lines()
    assert line["code"] in ("SQLITE_ERROR", "42P01")
    assert "PAT-TROIS" not in json.dumps(line)


def test_our_own_errors_are_told_by_their_code(lines):
    log.report("refused", NotFound("Ce dossier n’existe pas.", code="case-unknown"))
    assert lines()[0]["code"] == "case-unknown"
