/** Definitions, imports and inheritance on which the TypeScript parsers must agree. */
import type { Currency } from "./currency";
import { EventEmitter } from "events";
import Base, { format as formatMoney } from "./money";
import * as tax from "./tax";

export const RATE: number = 0.2;

export interface Priced extends tax.Taxable, Named {
  readonly price: number;
  total(quantity?: number): number;
}

interface Named {
  label: string;
}

export type Cart = Map<string, Priced>;

export enum Size {
  Small = 1,
  Large,
}

export abstract class Item extends Base implements Priced, Named {
  label = "item";
  constructor(public readonly price: number, protected currency: Currency) {
    super();
  }
  abstract describe(): string;
  total(quantity = 1): number {
    return tax.add(this.price * quantity, RATE);
  }
  static parse(text: string): Item {
    return new Bundle(Number(text), "EUR" as Currency);
  }
}

export default class Bundle extends Item {
  private items: Item[] = [];
  describe(): string {
    return this.items.map((item) => formatMoney(item.total())).join();
  }
}

class Bus extends EventEmitter {}

export function load<T extends Priced>(path: string, parse: (text: string) => T): T {
  function read(name: string): string {
    return name;
  }
  return parse(read(path));
}

export namespace Defaults {
  export const currency: Currency = "EUR";
}

export type { Currency };
export { formatMoney };
export * from "./money";
new Bus().emit("ready", load("x", Item.parse));
