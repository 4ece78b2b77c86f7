"""The page of what the engine executes and refuses tells the truth."""

from tests.engine.coverage import PAGE, SILENT, page


def test_the_page_says_what_the_engine_does_and_nothing_is_silent() -> None:
    found = page()
    assert SILENT not in found
    assert PAGE.read_text("utf-8") == found, "write it anew: python -m tests.engine.coverage"
