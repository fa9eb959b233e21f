"""Errors that a person can put right."""


class Refusal(Exception):
    """Says what is wrong with a model, a holdout or a request, and what would be right.

    `kind` is for programs (`MissingColumns`), the message for people.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def listed(names, limit: int = 10) -> str:
    """Names in quotes for a message: `'a', 'b' and 3 more`."""
    names = [repr(name) if isinstance(name, str) else str(name) for name in names]
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return ", ".join(names)
