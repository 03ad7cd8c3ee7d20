"""The log's lines: their form, and what must never get into them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from smtpfax import logs


@pytest.fixture(autouse=True)
def _the_log_as_it_was() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def written(event: str = "offered", *, fmt: str = "text", mask_numbers: bool = False, **fields: object) -> str:
    stream = io.StringIO()
    logs.setup("info", fmt, mask_numbers, stream)
    logs.get("dispatch").info(event, id="4kX2mQ9pZ-1", **fields)
    return stream.getvalue()


def test_a_line_opens_with_the_room_and_the_id() -> None:
    line = written(backend="kazoo", tries=1)
    assert line == "dispatch 4kX2mQ9pZ-1: offered backend=kazoo tries=1\n"


def test_a_line_without_an_id_has_only_the_room() -> None:
    stream = io.StringIO()
    logs.setup("info", "text", False, stream)
    logs.get("smtpd").info("connect", client="mx1.example.com[192.0.2.1]")
    assert stream.getvalue() == "smtpd: connect client=mx1.example.com[192.0.2.1]\n"


def test_a_warning_says_so() -> None:
    stream = io.StringIO()
    logs.setup("info", "text", False, stream)
    logs.get("worker").warning("late")
    logs.get("worker").error("lost", id="x")
    assert stream.getvalue() == "worker: warning: late\nworker x: error: lost\n"


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    logs.setup("error", "text", False, stream)
    logs.get("worker").debug("seen")
    logs.get("worker").warning("late")
    assert stream.getvalue() == ""


def test_a_stamped_line_opens_with_the_time_in_utc() -> None:
    stream = io.StringIO()
    logs.setup("info", "text", False, stream, stamp=True)
    logs.get("worker").info("claimed")
    time, _, rest = stream.getvalue().partition(" ")
    assert time.endswith("Z")
    assert rest == "worker: claimed\n"


def test_json_has_the_same_words_under_names() -> None:
    record = json.loads(written(fmt="json", backend="kazoo", tries=1, held=False, due=None))
    assert record.pop("time").endswith("Z")
    assert record == {
        "level": "info",
        "room": "dispatch",
        "id": "4kX2mQ9pZ-1",
        "event": "offered",
        "backend": "kazoo",
        "tries": 1,
        "held": False,
        "due": None,
    }


def test_a_field_never_takes_the_place_of_a_name_of_the_head() -> None:
    record = json.loads(written(fmt="json", level="forged", time="forged"))
    assert record["level"] == "info"
    assert record["level_"] == "forged"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("fax.example", "fax.example"),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("", '""'),
        (None, "-"),
        (True, "yes"),
        (False, "no"),
        (12.5, "12.5"),
        ("été", "été"),
    ],
)
def test_a_value_is_quoted_only_where_it_must_be(value: object, shown: str) -> None:
    assert written(value=value) == f"dispatch 4kX2mQ9pZ-1: offered value={shown}\n"


@pytest.mark.parametrize("evil", ["\r\n", "\n", "\x00", "\x1b[2J", "\x85", "\u2028", "\u202e", "\x7f", "\ud800"])
@pytest.mark.parametrize("fmt", ["text", "json"])
def test_no_value_forges_a_line_or_steers_a_terminal(evil: str, fmt: str) -> None:
    text = written(f"event{evil}", fmt=fmt, subject=f"x{evil}dispatch 1: sent")
    assert text.count("\n") == 1
    assert text[:-1].isprintable()


def test_a_backslash_before_a_quote_does_not_end_the_value() -> None:
    assert written(subject='\\" state=sent x="') == 'dispatch 4kX2mQ9pZ-1: offered subject="\\\\\\" state=sent x=\\""\n'


@pytest.mark.parametrize("key", ["password", "api_key", "X-Auth-Token", "Authorization", "client_secret", "cookie"])
def test_a_field_named_like_a_secret_is_starred(key: str) -> None:
    assert written(**{key: "hunter2"}) == f"dispatch 4kX2mQ9pZ-1: offered {key}=***\n"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer hunter2",
        "Basic hunter2",
        "cannot reach https://ann:hunter2@api.example.com/v2",
        "token sfx_4kX2_hunter2 is revoked",
    ],
)
def test_a_secret_within_a_text_is_starred(text: str) -> None:
    assert "hunter2" not in written(text, reason=text)
    assert "***" in written(reason=text)


@pytest.mark.parametrize(
    "text",
    [
        "tls://127.0.0.1:465",
        "tls://[::1]:465",
        "http://relay.example:8080/path",
        "http://a:1, http://b:65535",
        "at 'http://a:25'",
    ],
)
def test_a_port_is_no_secret(text: str) -> None:
    assert text in written(listen=text)


@pytest.mark.parametrize("password", ["12345", "123456", "[::1]", "465a", "25/hunter2"])
def test_what_may_be_a_password_is_starred(password: str) -> None:
    line = written(url=f"https://ann:{password}@api.example.com")
    assert line.endswith((" url=https://ann:***@api.example.com\n", ' url="https://ann:***@api.example.com"\n'))
    assert password not in line


def test_numbers_are_masked_when_asked() -> None:
    line = written("called +12025550123", mask_numbers=True, to="<+1 (202) 555-0123>", number="2025550123@fax.example")
    assert "5550123" not in line
    assert "555-0123" not in line
    assert "called +12xxxxxxx23 " in line
    assert "number=20xxxxxx23@fax.example" in line


def test_masking_leaves_sizes_addresses_and_ids_alone() -> None:
    line = written(mask_numbers=True, size=36700160, client="192.168.100.200", due="2026-11-21", mail="4kX2mQ9pZ")
    assert line.endswith("size=36700160 client=192.168.100.200 due=2026-11-21 mail=4kX2mQ9pZ\n")


def test_numbers_are_shown_unless_asked() -> None:
    assert written(to="+12025550123").endswith("to=+12025550123\n")


def test_an_exception_is_one_line() -> None:
    stream = io.StringIO()
    logs.setup("info", "text", False, stream)
    try:
        raise OSError("disk\nfull")
    except OSError:
        logs.get("spool").exception("put failed", id="m1")
    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().startswith('spool m1: error: put failed trace="Traceback')
    assert "disk\\nfull" in stream.getvalue()


def test_a_value_that_cannot_be_shown_is_shown_as_its_type() -> None:
    class Shy:
        def __str__(self) -> str:
            raise RuntimeError

    assert written(value=Shy()).endswith("value=<Shy>\n")


def test_what_a_library_says_ends_up_in_the_same_form() -> None:
    stream = io.StringIO()
    logs.setup("info", "text", False, stream)
    try:
        raise ValueError("no")
    except ValueError:
        logging.getLogger("asyncio").exception("task %s\nfailed", 3)
    assert stream.getvalue().startswith('asyncio: error: task 3\\nfailed trace="Traceback')


def test_talkative_libraries_are_heard_from_warning_up() -> None:
    stream = io.StringIO()
    logs.setup("info", "text", False, stream)
    logging.getLogger("mail.log").info("EHLO")
    logging.getLogger("mail.log").warning("odd")
    assert stream.getvalue() == "mail.log: warning: odd\n"


def test_a_second_set_up_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.setup("info", "text", False, first)
    logs.setup("info", "json", False, second)
    logs.get("app").info("reloaded")
    assert first.getvalue() == ""
    assert json.loads(second.getvalue())["event"] == "reloaded"


@pytest.fixture
def together() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    logs.setup("info", "text", False, stream, together=True)
    yield stream
    logging.root.handlers[0].close()


@pytest.mark.parametrize(
    "fields",
    [
        {"client": "mx1.example.com[192.0.2.1]", "size": 4711, "from": "<ann@acme.example>"},
        {"held": True, "due": None, "seconds": 0.25},
        {"reason": "two words", "reply": 'say "hi"', "a": "b=c", "empty": ""},
        {"token": "hunter2"},
        {"url": "https://ann:hunter2@api.example.com", "said": "baſic hunter2"},  # noqa: RUF001 folds to s
        {"subject": "été\n\x1b[2J", "back": "a\\b"},
    ],
)
@pytest.mark.parametrize("id", ["", "4kX2mQ9pZ-1", "a\nb"])
def test_lines_that_are_written_together_are_the_same_lines(
    together: io.StringIO, id: str, fields: dict[str, object]
) -> None:
    logs.get("smtpd").info("taken", id=id, **fields)
    logging.root.handlers[0].flush()
    alone = io.StringIO()
    logs.setup("info", "text", False, alone)
    logs.get("smtpd").info("taken", id=id, **fields)
    assert together.getvalue() == alone.getvalue()


def test_lines_of_a_moment_keep_their_order_and_a_warning_waits_for_nobody(together: io.StringIO) -> None:
    logs.get("smtpd").info("first")
    logs.get("smtpd").info("second", why="two words")
    logs.get("smtpd").warning("third")
    assert together.getvalue() == 'smtpd: first\nsmtpd: second why="two words"\nsmtpd: warning: third\n'


def test_lines_of_a_moment_are_written_by_themselves(together: io.StringIO) -> None:
    logs.get("smtpd").info("taken")
    handler = logging.root.handlers[0]
    assert isinstance(handler, logs.Together)
    handler.written.wait(10)
    assert together.getvalue() == "smtpd: taken\n"
