package com.example.shop.catalog;

import com.example.shop.Money;
import com.example.shop.ShopException;

public final class Goods extends Product {
    private int stock;

    public Goods(String sku, String name, Money price, int stock) {
        super(sku, name, price);
        this.stock = stock;
    }

    @Override
    public boolean available(int count) {
        return stock >= count;
    }

    public void take(int count) {
        if (!available(count)) {
            throw new ShopException(ShopException.Code.UNKNOWN, sku + " is out of stock");
        }
        stock -= count;
    }

    public Reservation reserve(int count) {
        take(count);
        return new Reservation(count);
    }

    /** Gives the stock back when it is closed without having been kept. */
    public class Reservation implements AutoCloseable {
        private final int count;
        private boolean kept;

        Reservation(int count) {
            this.count = count;
        }

        public void keep() {
            kept = true;
        }

        @Override
        public void close() {
            if (!kept) {
                Goods.this.stock += count;
            }
        }
    }
}
