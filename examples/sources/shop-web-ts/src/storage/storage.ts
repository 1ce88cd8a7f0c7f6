export interface Storage {
  readonly size: number;
  get<T>(key: string): T | undefined;
  set<T>(key: string, value: T): void;
  [Symbol.iterator](): Iterator<readonly [string, unknown]>;
}

export type Mutable<S extends Storage> = { -readonly [K in keyof S]: S[K] };
