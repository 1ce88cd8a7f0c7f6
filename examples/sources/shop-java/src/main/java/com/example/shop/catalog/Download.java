package com.example.shop.catalog;

import com.example.shop.Money;

public non-sealed class Download extends Product {
    public Download(String sku, String name, Money price) {
        super(sku, name, price);
    }

    @Override
    public boolean available(int count) {
        return true;
    }
}
