"""Foreign text on the screen: as it is, and never a link."""

import re

import pytest

from ui import markdown

# What remark-gfm, which Streamlit's Markdown runs on, makes a link of in text that has been parsed.
WEB = re.compile(r"(https?://|www(?=\.))([-.\w]+)", re.IGNORECASE)
MAIL = re.compile(r"([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)")


@pytest.mark.parametrize(
    "name",
    [
        "www.example",
        "WWW.Example.com",
        "https://example.com/a",
        "HTTP://example.com",
        "a@b.example",
        "a+b@c-d.example.com",
    ],
)
def test_an_address_is_no_link(name):
    assert WEB.search(name) or MAIL.search(name)
    parsed = markdown.escape(f"Series {name}, daily").replace("\\", "")  # as the parser leaves it
    assert not WEB.search(parsed) and not MAIL.search(parsed)
    assert parsed.replace(markdown.WORD_JOINER, "") == f"Series {name}, daily"


def test_other_text_is_escaped_only():
    assert markdown.escape("a_b*c: [x](y) 5 < 6") == r"a\_b\*c\: \[x\]\(y\) 5 \< 6"
