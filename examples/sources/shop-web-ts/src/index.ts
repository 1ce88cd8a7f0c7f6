import { Client, type ClientOptions } from "./api";
import { Order, OrderStatus } from "./domain";
import { createStorage, Storage as KeyValue } from "./storage";
import legacy = require("./legacy/formatter");

export * from "./domain";
export type { ClientOptions } from "./api";

/** The shop as its pages see it. */
export class Shop<T extends KeyValue = KeyValue> {
  private readonly client: Client;

  constructor(options: ClientOptions, private readonly storage: T, public readonly name = "shop") {
    this.client = new Client(options);
  }

  async order(number: number): Promise<Order | undefined> {
    const cached = this.storage.get<Order>(`order:${number}`);
    if (cached?.status === OrderStatus.Shipped) return cached;
    const order = await this.client.orders.find(number);
    if (order) this.storage.set(`order:${number}`, order);
    return order;
  }

  describe(order: Order): string {
    return legacy.format(this.name, order.total.toString());
  }
}

export const openShop = (base: string): Shop => new Shop({ base }, createStorage("memory"));
