"""One typing error: a letter is missing, one too many or wrong, or two neighbours are swapped."""


def is_one_error(one: str, other: str) -> bool:
    """Whether the words differ, and by just one error."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        start += 1
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])
    return left[1:] == right if len(left) > len(right) else left == right[1:]


def begins_with_one_error(typed: str, word: str) -> bool:
    """Whether `word`, or a beginning of it, differs from what was typed by just one error."""
    at = 0
    for left, right in zip(typed, word, strict=False):
        if left != right:
            break
        at += 1
    if at == len(typed):
        return False
    rest = typed[at + 1 :]
    return (
        (len(word) > at and word.startswith(rest, at + 1))
        or word.startswith(rest, at)
        or word.startswith(typed[at:], at + 1)
        or (word[at : at + 2] == typed[at : at + 2][::-1] and word.startswith(rest[1:], at + 2))
    )
