package com.example.shop.catalog;

import java.util.Optional;
import java.util.stream.Stream;

public interface Catalog<P extends Product> extends Iterable<P> {
    void add(P product);

    Optional<P> find(String sku);

    Stream<? extends P> all();

    default P get(String sku) {
        return find(sku).orElseThrow();
    }
}
