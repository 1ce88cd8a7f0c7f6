import { Money } from "./money.js";

if (typeof globalThis.shop === "undefined") {
  globalThis.shop = { Money, version: import.meta.url };
}
