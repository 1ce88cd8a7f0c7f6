package com.example.shop;

import static com.example.shop.Money.euro;
import static com.example.shop.order.Status.*;

import com.example.shop.catalog.*;
import com.example.shop.order.Order;
import com.example.shop.order.OrderService;
import com.example.shop.payment.CardTerminal;
import com.example.shop.payment.Terminal;
import java.util.List;

/** The entry point: one order from choice to shipping. */
public final class Shop {
    private final Catalog<Product> catalog = new MemoryCatalog<>();
    private final OrderService orders;

    public Shop(Terminal terminal) {
        this.orders = new OrderService(catalog, terminal);
    }

    public static void main(String[] args) {
        Shop shop = new Shop(new CardTerminal("4242"));
        shop.catalog.add(new Goods("tea", "Grüner Tee 🍵", euro(450), 5));
        shop.catalog.add(new Download("guide", "Tea guide", euro(900)));
        Order order = shop.orders.open(List.of(args));
        if (shop.orders.pay(order) && order.status() == PAID) {
            System.out.println(order.total());
        }
    }
}
