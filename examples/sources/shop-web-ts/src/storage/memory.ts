import { Storage } from "./storage";

export class MemoryStorage implements Storage {
  constructor(private readonly rows: Map<string, unknown> = new Map()) {}

  get size(): number {
    return this.rows.size;
  }

  get<T>(key: string): T | undefined {
    return this.rows.get(key) as T | undefined;
  }

  set<T>(key: string, value: T): void {
    this.rows.set(key, value);
  }

  *[Symbol.iterator](): Generator<readonly [string, unknown]> {
    yield* this.rows.entries();
  }
}
