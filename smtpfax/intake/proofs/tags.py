"""Tag lists of DKIM and DMARC: `v=1; a=rsa-sha256; …` (RFC 6376 section 3.2).

In:    the text of a DKIM-Signature, a key record or a DMARC record.
Out:   the tags in their order, white space around them taken away.
Fails: BadTags, when it is no list, or says a tag twice.
"""

from __future__ import annotations

import re

MOST_OCTETS = 16_384
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=([^;]*)")


class BadTags(ValueError):
    """Not a tag list."""


def read_tags(text: str) -> dict[str, str]:
    """The tags."""
    if len(text) > MOST_OCTETS:
        raise BadTags("too long")
    tags: dict[str, str] = {}
    for item in text.rstrip().removesuffix(";").split(";"):
        match = _TAG.fullmatch(item)
        if match is None or match[1] in tags:
            raise BadTags("malformed")
        tags[match[1]] = match[2].strip()
    return tags
