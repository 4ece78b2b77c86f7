"""Whatever is posted to a form, the answer is values or a list of wrong answers, never anything else."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.errors import Invalid
from engine.feel import dump
from pathways.forms import Form

FORMS = sorted((Path(__file__).parents[2] / "bpmn").glob("*/formulaires/*.form"))

ODD = (
    "", " ", "on", "12", "12,5", "1e5", "-0", "٣", "31/02/2026", "8/12/2026", "2026-12-08T14:30", "24:00", "oui",
)  # fmt: skip
typed = st.one_of(st.text(max_size=20), st.sampled_from(ODD))
posted = st.one_of(typed, st.lists(typed, max_size=3))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_answer_to_a_shipped_form(path: Path, data: st.DataObject) -> None:
    form = Form.read(path.read_bytes())
    keys = [field.key for field in form.walk() if field.key]
    answers = {key: data.draw(posted) for key in keys}
    try:
        values = form.check(answers, {})
    except Invalid:
        return
    dump(values)
    again = form.check(form.prefill(values), {})
    assert again == values
