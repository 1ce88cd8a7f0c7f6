package com.example.shop;

public class ShopException extends RuntimeException {
    private final Code code;

    public enum Code {
        UNKNOWN(404),
        REFUSED(402) {
            @Override
            boolean retry() {
                return true;
            }
        };

        final int status;

        Code(int status) {
            this.status = status;
        }

        boolean retry() {
            return false;
        }
    }

    public ShopException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public boolean retry() {
        return code.retry();
    }
}
