package com.example.shop.payment;

import com.example.shop.Money;

@Method(value = "card", priority = 1)
public class CardTerminal extends Terminal {
    private static final Money LIMIT = Money.euro(100_000);
    private final String number;

    public CardTerminal(String number) {
        super();
        this.number = number;
    }

    static boolean luhn(String number) {
        int sum = 0;
        boolean doubled = false;
        for (int i = number.length() - 1; i >= 0; i--, doubled = !doubled) {
            int digit = Character.digit(number.charAt(i), 10);
            int value = doubled ? digit * 2 : digit;
            sum += value > 9 ? value - 9 : value;
        }
        return sum % 10 == 0;
    }

    @Override
    protected Receipt attempt(Money amount, int reference) {
        if (!luhn(number) || amount.compareTo(LIMIT) > 0) {
            return new Receipt.Refused("card " + number);
        }
        return new Receipt.Accepted(reference);
    }
}
