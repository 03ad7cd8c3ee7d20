"""How addresses are read that were written for other gateways: their published examples, and what must not be guessed.

The examples are the vendors' own, with numbers of the range that is nobody's (555-01xx) where theirs are somebody's.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model.dialect import Reading, read_address, split_domain
from smtpfax.model.number import NotANumber

N = "+12025550123"
READ = [
    # People.
    ("2025550123", N, "a number"),
    ("+1 (202) 555-0123", N, "a number"),
    # RFC 3192 section 3, RFC 4160; copiers (Ricoh, OKI) write fax=NUMBER@host.
    ("FAX=+12027653000/T33S=1387", "+12027653000/T33S=1387", "<number>/T33S=<sub-address> (RFC 3192)"),
    ("FAX=+3940226338", "+3940226338", "FAX=<number> (RFC 3192)"),
    ("fax=2025550123", N, "FAX=<number> (RFC 3192)"),
    # Microsoft's article 323351, and the examples of MAPI's address type FAX as Exchange encodes them.
    ("IMCEAFAX-2025550123", N, "IMCEAFAX-<name>@<number> (Exchange)"),
    ("IMCEAFAX-+2B12025550123", N, "IMCEAFAX-<name>@<number> (Exchange)"),
    ("IMCEAFAX-+2B1+20+28206+29+20936-7329", "+12069367329", "IMCEAFAX-<name>@<number> (Exchange)"),
    ("imceafax-1-206-9367329", "+12069367329", "IMCEAFAX-<name>@<number> (Exchange)"),
    ("IMCEAFAX-936-7329+20+7C+20+2B1+20+28206+29+20936-7329", "+12069367329", "IMCEAFAX-<name>@<number> (Exchange)"),
    # eFax.
    ("2025550123/cp=on", N, "<number>/to=<name> (eFax)"),
]
NAMED = [
    ("IMCEAFAX-Ann+20Lee+40+2B1+20+28202+29+20555-0123", ("Ann Lee", "", "", None)),
    ("IMCEAFAX-936-7329+20+7C+20tedst+40+20+2B1+20+28202+29+20555-0123", ("tedst", "", "", None)),
    ("IMCEAFAX-M+C3+BCller+402025550123", ("Müller", "", "", None)),
    ("IMCEAFAX-M+FCller+402025550123", ("Müller", "", "", None)),
    ("IMCEAFAX-ann+40acme+402025550123", ("ann@acme", "", "", None)),
    ("2025550123/to=John_Doe/fr=Jane_Doe/co=Doe_Sprockets/cp=off", ("John Doe", "Doe Sprockets", "Jane Doe", False)),
    ("12025550123/to=John_Doe/fr=/co=/cp=off", ("John Doe", "", "", False)),
    ("2025550123/TO=John_Doe/T33S=7", ("John Doe", "", "", None)),
    ("Ann_Lee/Acme/2025550123", ("Ann Lee", "Acme", "", None)),
    ("Ann Lee/Acme/Purchasing/+1 202 555 0123", ("Ann Lee", "Acme, Purchasing", "", None)),
    ("Ann/2025550123/T33S=7", ("Ann", "", "", None)),
    ("Corporate_Fax.2025550123", ("Corporate Fax", "", "", None)),
]
REFUSED = [
    ("2025550123^COMPANY=Acme^NOCOVER^STANDARD^RETRIES=3^BILLING=7^TEMPLATE=x", "options after"),
    ("2025550123^", "options after"),
    ("2025550123/Acme", "before a /"),
    ("202/555-0123", "before a /"),  # Germans write 030/123456: is it one number, or two?
    ("2025550123/2025550124", "before a /"),
    ("Ann/2025550123/2025550124", "before a /"),
    ("Ann/Lee", "digits"),
    ("/2025550123", "before a /"),
    ("a/b/c/d/2025550123", "more names"),
    ("Ann/2025550123/to=Bob", "twice"),
    ("2025550123/to=Ann/to=Bob", "twice"),
    ("2025550123/to=Ann/Bob", "only /T33S="),
    ("2025550123/bill=7", "only /T33S="),
    ("2025550123/cp=maybe", "on or off"),
    ("FAX=+12025550123/Ann", "only options"),
    ("FAX=+12025550123/Ann/2025550124", "only options"),
    ("Ann/FAX=+12025550123", "may follow"),
    ("VOICE=+12025550123", "only FAX="),
    ("Sales2.2025550123", "digits"),
    ("sales2025550123", "digits"),
    ("IMCEAFAX-", "digits"),
    ("IMCEAFAX-Ann+40", "digits"),
    ("IMCEAFAX-+12025550123", "as Exchange writes"),  # not encoded: +12 is no character
    ("IMCEAFAX-+2", "as Exchange writes"),
    ("IMCEAFAX-+0A2025550123", "as Exchange writes"),
    ("IMCEAFAX-+2B1+20+28206+29+209364344+7C+2C+2C+2C567", "after the call"),
    ("IMCEAFAX-936-7329+20+7C+20+2B1+20+28206+29+209367329+7C+23546", "after the call"),
    ("IMCEAEX-2025550123", "digits"),
    ("x" * 300, "longer"),
]
CARRIED = [
    ("Ann_Lee", "2025550123", ("Ann Lee", "")),
    ("user", "1.202.555.0123", ("user", "")),
    ("Ann/Acme/Purchasing", "202-555-0123", ("Ann", "Acme, Purchasing")),  # FaxChange's second form
]


@pytest.mark.parametrize(("written", "number", "form"), READ)
def test_it_is_read_as_its_gateway_meant_it(written: str, number: str, form: str) -> None:
    reading = read_address(written, region="US")
    assert (str(reading.number), reading.form) == (number, form)
    assert reading.addressee == ""


@pytest.mark.parametrize(("written", "names"), NAMED)
def test_names_are_kept_for_the_cover(written: str, names: tuple[str, str, str, bool | None]) -> None:
    reading = read_address(written, region="US")
    assert reading.number.e164 == N
    assert (reading.to_name, reading.company, reading.from_name, reading.cover) == names


def test_the_addressee_is_name_and_company() -> None:
    assert read_address("Ann_Lee/Acme/Purchasing/2025550123", region="US").addressee == "Ann Lee, Acme, Purchasing"


@pytest.mark.parametrize(("written", "word"), REFUSED)
def test_what_is_ambiguous_or_not_ours_to_do_is_refused_in_a_sentence(written: str, word: str) -> None:
    with pytest.raises(NotANumber, match=word) as caught:
        read_address(written, region="US")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("local_part", "carried", "names"), CARRIED)
def test_a_number_may_stand_before_the_fax_domain(local_part: str, carried: str, names: tuple[str, str]) -> None:
    reading = read_address(local_part, region="US", carried=carried)
    assert (reading.number.e164, reading.to_name, reading.company) == (N, *names)
    assert "HylaFAX" in reading.form


@pytest.mark.parametrize(
    ("local_part", "carried", "word"),
    [
        ("2025550124", "2025550123", "both sides"),
        ("Ann/to=Bob", "2025550123", "options"),
        ("FAX=+12025550123", "2025550123", "options"),
        ("a/b/c/d", "2025550123", "more names"),
        ("Ann", "123", "length"),
        ("Ann^NOCOVER", "2025550123", "options after"),
    ],
)
def test_two_numbers_are_none(local_part: str, carried: str, word: str) -> None:
    with pytest.raises(NotANumber, match=word):
        read_address(local_part, region="US", carried=carried)


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("fax.example", ("", "fax.example")),
        ("2025550123.fax.example", ("2025550123", "fax.example")),
        ("1.202.555.0123.fax.example", ("1.202.555.0123", "fax.example")),
        ("202-555-0123.fax.example", ("202-555-0123", "fax.example")),
        ("2025550123.mail.fax.example", ("", "2025550123.mail.fax.example")),
        ("mail.fax.example", ("", "mail.fax.example")),
        ("2025550123.elsewhere.example", ("", "2025550123.elsewhere.example")),
        ("800.fax.example", ("", "800.fax.example")),  # a fax domain of its own comes before a number in front of one
        ("2025550123.800.fax.example", ("2025550123", "800.fax.example")),
    ],
)
def test_the_fax_domain_is_the_longest_that_is_ours(domain: str, found: tuple[str, str]) -> None:
    assert split_domain(domain, frozenset({"fax.example", "800.fax.example"}).__contains__) == found


@given(st.text(alphabet="0123456789+().-_ /=^|ABFXIMCE@tofrcp", max_size=40), st.sampled_from(["US", "GB", "DE"]))
def test_whatever_is_read_has_only_digits_that_were_written(written: str, region: str) -> None:
    try:
        reading: Reading = read_address(written, region=region)
    except NotANumber:
        return
    digits = "".join(filter(str.isdigit, written))
    assert reading.number.e164[-5:] in digits
    assert reading.addressee.isprintable()


@given(st.text(max_size=80))
def test_no_text_is_more_than_refused(written: str) -> None:
    try:
        read_address(f"IMCEAFAX-{written}", region="US")
        read_address(written, region="US")
    except NotANumber:
        return
