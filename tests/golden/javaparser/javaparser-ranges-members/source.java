package com.example.calls;

import java.io.IOException;
import java.util.List;
import java.util.Map.Entry;
import java.util.function.*;

@Marker(value = "x", types = {String.class, int[].class})
public class Members<K, V extends List<? super K>> extends Base<K>.Nested implements Supplier<V>, AutoCloseable {
    private static volatile long count = 0L, limit = 1_000;
    @Deprecated protected transient final V value;
    public <T extends Exception> Members(V value, T error) throws T, IOException { super(error); this.value = value; }
    public int pick(int x) { return x; }
    public int pick(long x) { return (int) x; }
    public <R> R pick(Function<? super K, ? extends R> f, K... keys) { return f.apply(keys[0]); }
    @Override public V get() { return this.value; }
    @Override public synchronized void close() {}
    native void external();
    static int control(Object o, int... xs) throws IOException {
        outer:
        for (int i = 0, j = 1; i < xs.length && j > 0 || i == 2; i++, j--) {
            for (final var x : xs) { if (x > 1) continue outer; else if (x < 0) break; }
        }
        do { count++; } while (count < 3);
        try (var in = open(); in) { synchronized (o) { assert xs != null : "message"; } }
        catch (IllegalStateException | ArithmeticException e) { throw new IOException(e); }
        finally { limit = 0; }
        String text = switch (o) { case String s when s.isEmpty() -> s; case Integer n -> { yield "" + n; } case null, default -> """
            text "block" é
            """; };
        switch (xs.length) { case 1: case 2: return 1; default: break; }
        BiFunction<Integer, Integer, Integer> add = (a, b) -> a + b, same = Math::max;
        Supplier<List<String>> make = java.util.ArrayList::new; IntFunction<int[]> array = int[]::new;
        if (o instanceof Entry<?, ?> entry && !(o instanceof Point(int px, var py))) return entry.hashCode() > 0 ? 1 : -1;
        new Members<>(null, null).pick(k -> k, o).toString().trim().length();
        int[] numbers = {1, 0x1F, 'c', (int) 1e3}; numbers[0] += ~1 >>> 2; Object[] grid = new Object[3][];
        return text.length() + add.apply(1, 2) + make.get().size();
    }
}
record Point(int x, int y) {}
