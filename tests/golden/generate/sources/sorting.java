package com.example.sorting;

import com.example.shapes.Shape;

public final class Sorting<E extends Shape<?>> extends Base<E> implements Runnable {
    private final java.util.List<E> found;

    Sorting(java.util.List<E> found) { super(found); this.found = found; }

    @Override public void run() {
        for (E one : found) {
            if (!(one instanceof Shape<?> shape && shape.area() > 0)) { continue; }
            visit(one);
        }
    }

    void visit(E one) {
        try { Sorting.count(one); }
        catch (IllegalStateException | UnsupportedOperationException problem) { throw problem; }
    }

    static int count(Object one) {
        return switch (one) { case Pair(int left, var right) -> left; case null, default -> 0; };
    }
}
