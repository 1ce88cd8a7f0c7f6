import { format, Money } from "./money.js";
import { Observable } from "./observable.js";

/** What the customer is going to buy. */
export default class Cart extends Observable {
  #lines = new Map();

  get total() {
    let sum = Money.zero();
    for (const [product, count] of this.#lines) sum = sum.plus(product.price.times(count));
    return sum;
  }

  get size() {
    return this.#lines.size;
  }

  add(product, count = 1) {
    const before = this.#lines.get(product) ?? 0;
    this.#lines.set(product, before + count);
    this.notify({ product, count: before + count });
    return this;
  }

  clear() {
    this.#lines.clear();
    super.notify({});
  }

  *[Symbol.iterator]() {
    yield* this.#lines.keys();
  }

  static from(products) {
    const cart = new Cart();
    products.forEach((product) => cart.add(product));
    return cart;
  }
}

export const formatTotal = (cart) => `${cart.size} × ${format(cart.total)}`;
