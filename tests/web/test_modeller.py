"""The drawing tables as pages: who may draw, and what they tell the drawing program."""

import re

import pytest

from core import vault


@pytest.mark.parametrize(
    ("path", "draft"),
    [
        ("/models/health_path/draft/diagram", "/models/health_path/draft.bpmn"),
        ("/models/tables/triage/draft/diagram", "/models/tables/triage/draft.dmn"),
        ("/models/forms/health_path/draft/design", "/models/forms/health_path/draft.json"),
    ],
)
def test_a_drawing_table_names_its_draft_and_says_what_to_do_without_javascript(lucia, path, draft):
    page = lucia.get(path).text

    assert f'data-draft-url="{draft}"' in page
    assert f'data-check-url="{draft.rpartition(".")[0]}/check"' in page
    assert "<noscript>" in page


def test_the_key_of_what_a_browser_keeps_is_the_users_own_and_stays_out_of_its_cache(lucia):
    replies = [lucia.get(f"/models/{key}/draft/diagram") for key in ("health_path", "health_path", "errands")]
    keys = [re.findall(r'data-secret="([0-9a-f]{64})"', reply.text)[0] for reply in replies]

    assert keys[0] == keys[1] != keys[2]
    assert vault.device_key("another", "process:health_path") != keys[0]
    assert {reply.headers["Cache-Control"] for reply in replies} == {"no-store"}


def test_on_a_small_screen_the_list_of_steps_is_offered_instead(lucia):
    page = lucia.get("/models/health_path/draft/diagram").text

    assert 'class="notice editor-phone"' in page
    assert 'href="/models/health_path/draft/steps"' in page


@pytest.mark.parametrize("path", ["/models/none/draft/diagram", "/models/tables/none/draft/diagram", "/models/forms/none/draft/design"])
def test_what_is_not_there_cannot_be_drawn(lucia, path):
    assert lucia.get(path).status_code == 404
