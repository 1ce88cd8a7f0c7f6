import { HttpTransport, type ClientOptions, type Transport } from "./transport";
import type { Order } from "../domain/order";
import * as catalog from "../domain/catalog";

abstract class Endpoint<T extends { id: string | number }> {
  constructor(protected readonly transport: Transport, private readonly path: string) {}

  protected abstract revive(row: unknown): T;

  async find(id: T["id"]): Promise<T | undefined> {
    const row = await this.transport.send<unknown>(`${this.path}/${id}`);
    return row === null ? undefined : this.revive(row);
  }
}

class Orders extends Endpoint<Order> {
  protected revive(row: unknown): Order {
    return row as Order;
  }
}

class Products extends Endpoint<catalog.Product> {
  protected override revive(row: unknown): catalog.Product {
    const { id, name, price } = row as catalog.Product;
    return new catalog.Product(id, name, price);
  }
}

export class Client {
  readonly orders: Orders;
  readonly products: Products;

  constructor({ transport, ...options }: ClientOptions) {
    const chosen: Transport = transport ?? new HttpTransport(options);
    this.orders = new Orders(chosen, "/orders");
    this.products = new Products(chosen, "/products");
  }
}
