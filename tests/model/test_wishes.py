"""What two equal recipients of one mail want together."""

from dataclasses import replace

import pytest

from smtpfax.model.wishes import HABIT, NEVER, NO_WISHES, Notify, Returned, Wishes

SUCCESS, FAILURE = frozenset({Notify.SUCCESS}), frozenset({Notify.FAILURE})


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (None, None, None),
        (NEVER, NEVER, NEVER),
        (NEVER, SUCCESS, SUCCESS),
        (SUCCESS, FAILURE, SUCCESS | FAILURE),
        (NEVER, None, HABIT),  # who says nothing is told as usual
        (SUCCESS, None, HABIT),
    ],
)
def test_what_any_of_them_wants_to_hear_is_told(
    one: frozenset[Notify] | None, other: frozenset[Notify] | None, both: frozenset[Notify] | None
) -> None:
    assert Wishes(notify=one).joined(Wishes(notify=other)).notify == both
    assert Wishes(notify=other).joined(Wishes(notify=one)).notify == both


def test_the_first_address_stays_and_what_the_mail_said_is_the_same_for_all() -> None:
    of_mail = Wishes(envelope_id="Q", returned=Returned.FULL, trace=True)
    one, other = replace(of_mail, original="rfc822;a@b"), replace(of_mail, original="rfc822;c@d")
    assert one.joined(other) == one
    assert of_mail.joined(other) == other
    assert NO_WISHES.joined(NO_WISHES) == NO_WISHES
