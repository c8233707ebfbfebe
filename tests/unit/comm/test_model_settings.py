"""What of a session's settings a view shows and changes."""

import pytest

from chatwidget._comm.model_settings import changed_params, shown_setup


def test_what_a_view_shows():
    assert shown_setup(None, {}) == {"system_prompt": "", "temperature": None, "max_tokens": None}
    assert shown_setup("Be brief.", {"temperature": 0.5, "max_tokens": 9, "top_p": 1}) == {
        "system_prompt": "Be brief.",
        "temperature": 0.5,
        "max_tokens": 9,
    }
    assert shown_setup(None, {"max_completion_tokens": 7})["max_tokens"] == 7


@pytest.mark.parametrize("odd", ["hot", True, float("nan"), [1]])
def test_a_parameter_that_is_no_number_is_not_shown(odd):
    assert shown_setup(None, {"temperature": odd, "max_tokens": odd}) == shown_setup(None, {})


def test_only_what_is_given_changes():
    params = {"temperature": 0.5, "top_p": 1}
    assert changed_params(params, {"temperature": 1}) == {"temperature": 1, "top_p": 1}
    assert changed_params(params, {"system_prompt": "x"}) == params
    assert params == {"temperature": 0.5, "top_p": 1}


def test_none_takes_a_parameter_away():
    params = {"temperature": 0.5, "max_tokens": 9, "max_completion_tokens": 9, "top_p": None}
    assert changed_params(params, {"temperature": None, "max_tokens": None}) == {"top_p": None}
    assert changed_params({}, {"temperature": None, "max_tokens": None}) == {}


def test_the_limit_has_one_name():
    assert changed_params({"max_tokens": 1, "max_completion_tokens": 2}, {"max_tokens": 9}) == {"max_tokens": 9}
