package com.example.shop.order;

import com.example.shop.ShopException;
import com.example.shop.catalog.Catalog;
import com.example.shop.catalog.Goods;
import com.example.shop.catalog.Product;
import com.example.shop.payment.Receipt;
import com.example.shop.payment.Terminal;
import java.util.List;
import java.util.concurrent.Callable;

public class OrderService {
    private final Catalog<? extends Product> catalog;
    private final Terminal terminal;

    public OrderService(Catalog<? extends Product> catalog, Terminal terminal) {
        this.catalog = catalog;
        this.terminal = terminal;
    }

    public Order open(List<String> skus) {
        Order order = new Order();
        skus.forEach(sku -> order.add(catalog.get(sku)));
        return order;
    }

    public boolean pay(Order order) throws ShopException {
        Receipt receipt = terminal.charge(order.total(), order.number());
        if (receipt instanceof Receipt.Refused refused) {
            throw new ShopException(ShopException.Code.REFUSED, refused.reason());
        }
        for (Order.Line line : order.lines()) {
            if (line.product() instanceof Goods goods) {
                try (Goods.Reservation reservation = goods.reserve(line.count())) {
                    reservation.keep();
                }
            }
        }
        order.advance();
        return true;
    }

    Callable<Boolean> later(Order order) {
        class Task implements Callable<Boolean> {
            @Override
            public Boolean call() {
                return pay(order);
            }
        }
        return new Task();
    }
}
