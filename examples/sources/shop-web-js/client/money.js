const formatter = new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" });

export class Money {
  constructor(cents) {
    this.cents = cents;
  }
  static zero() {
    return new this(0);
  }
  plus(other) {
    return new Money(this.cents + other.cents);
  }
  times(factor) {
    return new Money(Math.round(this.cents * factor));
  }
}

export function format(money, suffix = "") {
  return formatter.format(money.cents / 100) + suffix;
}

export { format as formatMoney };
export const FREE = new Money(0);
