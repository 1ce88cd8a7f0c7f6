package com.example.shop;

import java.util.Objects;

/** An amount in minor units of one currency. */
public record Money(long minor, String currency) implements Comparable<Money> {
    public static final Money ZERO = euro(0);

    public Money {
        Objects.requireNonNull(currency, "currency");
    }

    public static Money euro(long cents) {
        return new Money(cents, "EUR");
    }

    public Money plus(Money other) {
        if (!currency.equals(other.currency)) {
            throw new IllegalArgumentException(currency + " and " + other.currency);
        }
        return new Money(Math.addExact(minor, other.minor), currency);
    }

    public Money times(int factor) {
        return times((long) factor);
    }

    public Money times(long factor) {
        return new Money(minor * factor, currency);
    }

    @Override
    public int compareTo(Money other) {
        return Long.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return "%d.%02d %s".formatted(minor / 100, minor % 100, currency);
    }
}
