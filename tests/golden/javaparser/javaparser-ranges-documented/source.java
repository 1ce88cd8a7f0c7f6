/* A licence, which documents nothing. */
package com.example.documented;

import java.io.Serializable;
import java.util.Map;

/**
 * A till.
 * <p>
 *     Indented.
 */
public class Documented<T> {
    /** Opened how often. */
    private int opened; // a comment at the end of the line
    /** Amounts by name. */
    protected final Map.Entry<String, java.util.List<T>> amounts = null;

    /** Made of nothing. */
    Documented(Documented<T> this) {}

    // No documentation.
    int wide(String text) {
		String face = "😀é"; int after = text.length(); ; return after;
    }

    /** Casts to two types. */
    <R> R both(Object other) throws Exception {
        Runnable run = (Runnable & Serializable) () -> this.wide("");
        run.run();
        Inner inner = new Inner() {};
        Documented.this.opened += 1;
        super.hashCode();
        return Documented.<R>same(inner.amount);
    }

    static <S> S same(Object one) { return null; }

    /** One of the parts. */
    enum Part { /** The first. */ FIRST, SECOND }

    class Inner { Part amount = Part.FIRST; }
}
