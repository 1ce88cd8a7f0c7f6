package com.example.shop.catalog;

import com.example.shop.Money;

/** Something with a price. */
public abstract sealed class Product implements Priced permits Goods, Download {
    protected final String sku;
    private final String name;
    private final Money price;

    protected Product(String sku, String name, Money price) {
        this.sku = sku;
        this.name = name;
        this.price = price;
    }

    public String sku() {
        return sku;
    }

    @Override
    public Money price() {
        return price;
    }

    public abstract boolean available(int count);

    @Override
    public String toString() {
        return describe(name);
    }
}
