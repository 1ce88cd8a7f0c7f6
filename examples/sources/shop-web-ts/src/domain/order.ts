import type { Product } from "./catalog";
import { Base, type Entity } from "./entity";
import Money, { sum } from "./money";
import { logged, sealed } from "./decorators";

export enum OrderStatus {
  Open,
  Paid,
  Shipped,
}

export type Line = readonly [product: Product, count: number];
export type Totals = { -readonly [S in keyof typeof OrderStatus]?: Money };
type Next<S extends OrderStatus> = S extends OrderStatus.Open ? OrderStatus.Paid : OrderStatus.Shipped;

export interface Order extends Entity<number> {
  status: OrderStatus;
  readonly total: Money;
}

@sealed
export class StandardOrder extends Base<number> implements Order {
  status = OrderStatus.Open;
  private lines: Line[] = [];

  constructor(number: number) {
    super(number);
  }

  @logged("order")
  add(product: Product, count = 1): this {
    product.validate();
    this.lines.push([product, count]);
    return this.touch();
  }

  get total(): Money {
    return sum(this.lines.map(([product, count]) => product.price.times(count)));
  }

  validate(): asserts this is Required<this> {
    if (this.lines.length === 0) throw new Error("empty order");
  }

  advance<S extends OrderStatus>(from: S): Next<S> {
    this.status = from === OrderStatus.Open ? OrderStatus.Paid : OrderStatus.Shipped;
    return this.status as Next<S>;
  }
}

export function totals(orders: readonly Order[]): Totals {
  const result: Totals = {};
  for (const order of orders) {
    const key = OrderStatus[order.status] as keyof typeof OrderStatus;
    result[key] = (result[key] ?? Money.zero).plus(order.total);
  }
  return result;
}
