package com.example.shop.order;

public enum Status {
    OPEN,
    PAID,
    SHIPPED;

    public Status next() {
        return switch (this) {
            case OPEN -> PAID;
            case PAID, SHIPPED -> SHIPPED;
        };
    }
}
