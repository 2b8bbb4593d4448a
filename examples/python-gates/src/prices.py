"""Prices in cents."""


def with_discount(cents: int, percent: int) -> int:
    """The price after a discount of 0 to 100 percent, rounded down to whole cents."""
    if not 0 <= percent <= 100:
        raise ValueError(f"a discount of {percent} % is none")
    return cents * (100 - percent) // 100
