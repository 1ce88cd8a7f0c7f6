from shop import Money
from shop.money import JPY, total


def test_total_of_nothing_is_zero():
    assert total([]) == Money.zero()


def test_yen_have_no_cents():
    assert str(Money("12.5", JPY)) == "12 ¥"


class TestArithmetic:
    def test_sum(self):
        assert Money(1) + Money(2) == Money(3)
