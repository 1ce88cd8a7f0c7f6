/** Definitions, imports and inheritance on which the JavaScript parsers must agree. */
import EventEmitter from "node:events";
import { format as formatMoney, parse } from "./money.js";
import * as tax from "./tax.js";

export const RATE = 0.2;
const cache = new Map();

/** A priced thing. */
export class Item {
  #id = 0;
  label = "item";
  constructor(price) {
    this.price = price;
  }
  get id() { return this.#id; }
  total(quantity = 1) { return tax.add(this.price * quantity, RATE); }
  static parse(text) { return new Item(parse(text)); }
}

export default class Bundle extends Item {
  items = [];
  add(item) {
    this.items.push(item);
    return this;
  }
  total() {
    return this.items.reduce((sum, item) => sum + item.total(), 0);
  }
}

class Bus extends EventEmitter {}

export function describe(item) {
  function line(label) { return `${label}: ${formatMoney(item.total())}`; }
  const upper = (text) => text.toUpperCase();
  return upper(line("total"));
}

export async function load(path) {
  if (!cache.has(path)) cache.set(path, await import(path));
  return cache.get(path);
}

export { formatMoney };
export * from "./money.js";
new Bus().emit("ready", describe(Item.parse("10")));
