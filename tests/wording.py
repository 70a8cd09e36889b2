"""What a message must say."""

import re


def says(*words):
    """Match a message that contains these words in this order."""
    return "(?s)" + ".*".join(map(re.escape, words))
