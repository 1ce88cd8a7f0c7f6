import { MemoryStorage } from "./memory";
import type { Storage } from "./storage";

export type { Storage } from "./storage";
export { MemoryStorage };

const kinds = { memory: () => new MemoryStorage(), lazy: async () => (await import("./browser")).BrowserStorage };

export function createStorage(kind: "memory"): MemoryStorage;
export function createStorage(kind: keyof typeof kinds): Storage {
  return kind === "memory" ? kinds.memory() : new MemoryStorage(new Map([["kind", kind]]));
}
