// Every import and export form of ECMAScript modules.
import "./side-effect.js";
import defaultThing from "./default.js";
import * as everything from "../lib/everything.js";
import { named, original as renamed, "string name" as quoted } from "./named.js";
import both, { extra } from "@scope/package/sub";
import config from "./config.json" with { type: "json" };
import { readFile } from "node:fs/promises";

export { named, renamed as other };
export { default as Widget, part } from "./widget.js";
export * from "./all.js";
export * as namespace from "./namespace.js";

export const first = 1, second = named(first);
export let { a, b: { c = 2 }, ...rest } = everything;
export function declared(value = first) {
  return both(value, extra, config, quoted);
}
export class Declared extends defaultThing {}
export async function lazy(name) {
  const page = await import("./pages/home.js");
  const other = await import(`./pages/${name}.js`);
  return [page.default, other, import.meta.url, await readFile("x")];
}
export default class extends Declared {
  run() {
    return declared(this);
  }
}
