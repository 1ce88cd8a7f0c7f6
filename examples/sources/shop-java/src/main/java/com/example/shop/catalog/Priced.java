package com.example.shop.catalog;

import com.example.shop.Money;

public interface Priced {
    int MAX_DISCOUNT = 50;

    Money price();

    default Money discounted(int percent) {
        return new Money(price().minor() * (100 - Math.min(percent, MAX_DISCOUNT)) / 100, price().currency());
    }

    default String describe(String name) {
        return name + " (" + price() + ")";
    }

    static Priced free() {
        return () -> Money.ZERO;
    }
}
