package com.example.shop.payment;

public sealed interface Receipt {
    record Accepted(int reference) implements Receipt {}

    record Refused(String reason) implements Receipt {}
}
