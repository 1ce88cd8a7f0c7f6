package com.example.shop.order;

import com.example.shop.Money;
import com.example.shop.catalog.Product;
import java.util.ArrayList;
import java.util.List;

public class Order {
    private static int next = 1;

    private final int number;
    private final List<Line> lines = new ArrayList<>();
    private Status status = Status.OPEN;

    static {
        next = Integer.getInteger("shop.first", next);
    }

    /** One product of an order. */
    public record Line(Product product, int count) {
        Money price() {
            return product.price().times(count);
        }
    }

    public Order() {
        this.number = next++;
    }

    public Order add(Product product) {
        return add(product, 1);
    }

    public Order add(Product product, int count) {
        lines.add(new Line(product, count));
        return this;
    }

    public List<Line> lines() {
        return List.copyOf(lines);
    }

    public Money total() {
        return lines.stream().map(Line::price).reduce(Money.ZERO, Money::plus);
    }

    public Status status() {
        return status;
    }

    void advance() {
        status = status.next();
    }

    public int number() {
        return number;
    }
}
