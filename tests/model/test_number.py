"""How local-parts are read: what must be dialled, and every trap that must not be."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpfax.model.number import FaxNumber, NotANumber, read_number

READ = [
    ("+12025550123", "US", "+12025550123"),
    ("12025550123", "US", "+12025550123"),
    ("2025550123", "US", "+12025550123"),
    ("202-555-0123", "US", "+12025550123"),
    ("202.555.0123", "US", "+12025550123"),
    ("+1 (202) 555-0123", "GB", "+12025550123"),
    ("(202) 555-0123", "US", "+12025550123"),
    ("011442079460958", "US", "+442079460958"),
    ("00442079460958", "GB", "+442079460958"),
    ("020 7946 0958", "GB", "+442079460958"),
    ("+44(0)2079460958", "US", "+442079460958"),
    ("0612345678", "FR", "+33612345678"),
    ("030123456", "DE", "+4930123456"),
    ("+390612345678", "US", "+390612345678"),  # Italy's leading zero is part of the number
    # Kazoo drops the + first, and these become numbers of the North American plan: misdelivered.
    ("+4712345678", "US", "+4712345678"),
    ("+4533123456", "US", "+4533123456"),
    ("+6421234567", "US", "+6421234567"),
    # RFC 3191 and RFC 3192.
    ("FAX=+12025550123", "US", "+12025550123"),
    ("fax=+12025550123", "US", "+12025550123"),
    ("Fax=+1.202.555.0123", "GB", "+12025550123"),
    ("FAX=2025550123", "US", "+12025550123"),  # copiers: RFC 3191 has local-phone beside global-phone
    ("FAX=+12025550123/T33S=42", "US", "+12025550123/T33S=42"),
    ("+12025550123/t33s=1#2*3", "US", "+12025550123/T33S=1#2*3"),
    ("FAX=+441234567890/T33S=12345678901234567890", "US", "+441234567890/T33S=12345678901234567890"),
]
REFUSED = [
    ("", "US"),
    ("+", "US"),
    ("415-555-0100 Acme", "US"),  # the library dials the letters: +141555501002263
    ("1-800-FLOWERS", "US"),
    ("alice", "US"),
    ("sales2025550123", "US"),
    ("4155550100,,,123", "US"),
    ("4155550100x12", "US"),
    ("4155550100;ext=5", "US"),
    ("+14155550100#5", "US"),
    ("\u0661\u0662\u0660\u0662\u0665\u0665\u0665\u0660\u0661\u0662\u0663", "US"),  # Arabic-Indic digits
    ("\u200b+12025550123", "US"),
    ("\uff0b12025550123", "US"),  # a full-width plus
    ("00442079460958", "US"),
    ("914155550100", "US"),  # 9 for an outside line
    ("55512345", "US"),  # Kazoo dials Peru or Brazil
    ("5551234", "US"),  # without its area code
    ("911", "US"),
    ("112", "DE"),
    ("110", "DE"),
    ("999", "GB"),
    ("118118", "GB"),
    ("+44118118", "US"),
    ("+49112", "US"),
    ("++12025550123", "US"),
    ("1+2025550123", "US"),
    ("+1202555012345678", "US"),
    ("(2025550123", "US"),
    ("202)5550123", "US"),
    ("202-555--  0123", "US"),
    ("-2025550123", "US"),
    (" 2025550123", "US"),
    ("+12025550123\n", "US"),
    ("+12025550123\x00", "US"),
    ("+999123456789", "US"),
    ("+00442079460958", "US"),
    ("VOICE=+12025550123", "US"),
    ("SMS=+12025550123", "US"),
    ("FAX=FAX=+12025550123", "US"),
    ("FAX=", "US"),
    ("=+12025550123", "US"),
    ("+12025550123/", "US"),
    ("+12025550123/T33S=", "US"),
    ("+12025550123/T33S=ab", "US"),
    ("+12025550123/T33S=1/T33S=2", "US"),
    ("+12025550123/ATTN=Bob", "US"),
    ("+12025550123/T33S=123456789012345678901", "US"),
    ("2" * 65, "US"),
    ("+1" + " 2" * 5000, "US"),
]


@pytest.mark.parametrize(("written", "region", "read"), READ)
def test_it_is_read_as_its_writer_meant_it(written: str, region: str, read: str) -> None:
    assert str(read_number(written, region=region)) == read


@pytest.mark.parametrize(("written", "region"), REFUSED, ids=ascii)
def test_what_is_no_number_or_ambiguous_is_refused_in_a_sentence(written: str, region: str) -> None:
    with pytest.raises(NotANumber) as caught:
        read_number(written, region=region)
    why = str(caught.value)
    assert why.isprintable()
    assert not why.endswith(".")


@given(
    st.text(alphabet="0123456789+().- /=#*FAXTS", max_size=30), st.sampled_from(["US", "GB", "DE", "FR", "IT", "ZZ"])
)
def test_no_digit_is_dialled_that_was_not_written_or_is_not_of_the_region(written: str, region: str) -> None:
    try:
        number = read_number(written, region=region)
    except NotANumber:
        return
    digits = "".join(filter(str.isdigit, written.partition("/")[0]))
    read = phonenumbers.parse(number.e164)
    assert digits.endswith(str(read.national_number))
    assert "+" not in written or digits.startswith(str(read.country_code))  # a + is never dropped


@given(st.integers(10**6, 10**15 - 1), st.text(alphabet="0123456789#*", max_size=20))
def test_a_number_is_read_back_from_what_it_writes(digits: int, sub_address: str) -> None:
    number = FaxNumber(e164=f"+{digits}", sub_address=sub_address)
    assert FaxNumber.parse(str(number)) == number


@pytest.mark.parametrize("e164", ["12025550123", "+02025550123", "+123", "+1234567890123456", "+1202555012a", "", "+"])
def test_a_number_is_in_the_international_form_or_is_not(e164: str) -> None:
    with pytest.raises(NotANumber):
        FaxNumber(e164=e164)


@pytest.mark.parametrize("sub_address", ["a", "1" * 21, " ", "1/2", "+1"])
def test_a_sub_address_has_digits_and_two_signs(sub_address: str) -> None:
    with pytest.raises(NotANumber):
        FaxNumber(e164="+12025550123", sub_address=sub_address)
