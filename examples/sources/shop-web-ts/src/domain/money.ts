export type Currency = "EUR" | "JPY";

const digits: Readonly<Record<Currency, number>> = { EUR: 2, JPY: 0 };

/** An exact amount: minor units in a bigint. */
export default class Money {
  static readonly zero = new Money(0n);

  constructor(readonly minor: bigint, readonly currency: Currency = "EUR") {}

  static parse(text: string): Money;
  static parse(text: string, currency: Currency): Money;
  static parse(text: string, currency: Currency = "EUR"): Money {
    const [whole = "0", fraction = ""] = text.split(".");
    return new Money(BigInt(whole + fraction.padEnd(digits[currency], "0")), currency);
  }

  plus(this: Money, other: Money): Money {
    if (this.currency !== other.currency) throw new TypeError(`${this.currency} ≠ ${other.currency}`);
    return new Money(this.minor + other.minor, this.currency);
  }

  times(factor: number): Money {
    return new Money(this.minor * BigInt(factor), this.currency);
  }

  toString(): `${string} ${Currency}` {
    return `${Number(this.minor) / 10 ** digits[this.currency]} ${this.currency}`;
  }
}

export const sum = (amounts: Iterable<Money>): Money =>
  [...amounts].reduce((total, amount) => total.plus(amount), Money.zero);
