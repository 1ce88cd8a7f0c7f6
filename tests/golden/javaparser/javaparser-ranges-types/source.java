package com.example.shapes;

import static java.lang.Math.PI;
import static java.util.stream.Collectors.*;
import java.util.*;
import java.util.function.Function;
import com.example.base.Outer.Inner;

/** An interface with every kind of member. */
@FunctionalInterface
public interface Shape<T extends Number & Comparable<T>> extends Comparable<Shape<?>>, Cloneable {
    int SIDES = 0, CORNERS = 1;
    double area() throws IllegalStateException;
    default int compareTo(Shape<?> other) { return Double.compare(area(), other.area()); }
    static Shape<Integer> unit() { return () -> 1.0; }
    private void hidden() {}
    enum Unit implements Function<Double, String> {
        METRE("m") { @Override public String apply(Double v) { return v + symbol; } },
        FOOT("ft");
        final String symbol;
        Unit() { this(""); }
        Unit(String symbol) { this.symbol = symbol; }
        public String apply(Double v) { return symbol; }
    }
}

sealed abstract class Polygon implements Shape<Integer>, Inner permits Square, Polygon.Triangle {
    protected final int[][] corners[];
    static { System.out.println("static initializer"); }
    { corners = new int[1][][]; }
    Polygon(int... sides) { super(); }
    static final class Triangle extends Polygon { public double area() { return PI; } }
    class Counter { int count = Polygon.this.hashCode(); class Deep {} }
}

non-sealed class Square extends Polygon {
    public double area() {
        Runnable anonymous = new Runnable() { int n; public void run() { n++; Square.super.hashCode(); } };
        class Local extends Square {}
        record Pair(int a, int b) {}
        anonymous.run();
        return new Local().new Counter().count + new Pair(1, 2).a();
    }
}

record Money<C>(@Deprecated long cents, C currency, String... notes) implements Shape<Long> {
    static final Money<String> ZERO = new Money<>(0, "EUR");
    Money { if (cents < 0) throw new IllegalArgumentException("negative"); }
    Money(long cents) { this(cents, null); }
    public double area() { return cents(); }
}

@interface Marker { String value() default "é 😀"; Class<? extends Shape<?>>[] types() default {}; int X = 1; }
