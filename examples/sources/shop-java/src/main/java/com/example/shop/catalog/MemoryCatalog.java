package com.example.shop.catalog;

import java.util.*;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

public class MemoryCatalog<P extends Product> implements Catalog<P> {
    private final Map<String, P> bySku = new LinkedHashMap<>();

    @Override
    public void add(P product) {
        bySku.put(product.sku(), product);
    }

    @Override
    public Optional<P> find(String sku) {
        return Optional.ofNullable(bySku.get(sku));
    }

    @Override
    public Stream<? extends P> all() {
        return bySku.values().stream();
    }

    @Override
    public Iterator<P> iterator() {
        return new Iterator<>() {
            private final Iterator<P> inner = bySku.values().iterator();

            @Override
            public boolean hasNext() {
                return inner.hasNext();
            }

            @Override
            public P next() {
                return inner.next();
            }
        };
    }

    @SafeVarargs
    public final List<P> search(Predicate<? super P>... tests) {
        Predicate<P> all = product -> Arrays.stream(tests).allMatch(test -> test.test(product));
        return all().filter(all::test).collect(Collectors.toCollection(ArrayList::new));
    }
}
