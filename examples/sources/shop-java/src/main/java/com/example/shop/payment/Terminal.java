package com.example.shop.payment;

import com.example.shop.Money;
import java.util.HashMap;
import java.util.Map;

public abstract class Terminal {
    private final Map<Integer, Receipt> seen = new HashMap<>();

    public final Receipt charge(Money amount, int reference) {
        return seen.computeIfAbsent(reference, number -> attempt(amount, number));
    }

    protected abstract Receipt attempt(Money amount, int reference);
}
