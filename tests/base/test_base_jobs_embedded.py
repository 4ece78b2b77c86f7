"""What the embedded queue promises beside the port: at rest it takes no lock."""

from sqlalchemy import event

from tests.support.queues import EmbeddedJobs


def test_looking_for_work_when_there_is_none_only_reads(database, clock):
    jobs, statements = EmbeddedJobs(database, clock), []
    event.listen(database.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    event.listen(database.engine, "begin", lambda c: statements.append(str(c.get_execution_options())))
    assert jobs.worker({"note": print}).run_once() == 0
    assert statements
    assert not [text for text in statements if text.startswith(("UPDATE", "WITH", "BEGIN IMMEDIATE"))]
