import pytest
from prices import with_discount


def test_a_discount_is_taken_off():
    assert with_discount(1999, 10) == 1799


def test_a_discount_above_the_price_is_refused():
    with pytest.raises(ValueError):
        with_discount(100, 101)
