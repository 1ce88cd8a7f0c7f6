// Types, enums, namespaces and ambient declarations.
export type Id = string & { readonly __brand: unique symbol };
type Mapped<T> = { readonly [K in keyof T as `get${Capitalize<string & K>}`]-?: () => T[K] };
type Unwrap<T> = T extends Promise<infer U extends object> ? Unwrap<U> : T extends (infer V)[] ? V : never;
type Tuple = [first: string, second?: number, ...rest: boolean[]];
type Callback = (error: Error | null, ...values: readonly unknown[]) => asserts error is null;
type Constructor = abstract new (...args: any[]) => object;
type Literals = "a" | 1 | -1n | true | null | undefined | `x-${number}` | typeof globalThis | Tuple[0];

export const enum Flags { None = 0, Read = 1 << 0, Write = 1 << 1, All = Read | Write, "quoted-name" = "x".length }
declare enum Ambient { A }
enum Mixed { Text = "text", Number = Flags.All }

export interface Node<T = unknown, in out U extends T = T> extends Iterable<T>, Omit<Base, "x"> {
  value: T;
  readonly children?: ReadonlyArray<Node<T>>;
  get depth(): number;
  set depth(value: number);
  method<V>(this: Node<T>, visitor: (node: Node<T>) => V): V[];
  [Symbol.iterator](): Iterator<T>;
}
interface Base { x: number }
interface Base { y: number }

namespace Geometry {
  export interface Point { x: number; y: number }
  const origin: Point = { x: 0, y: 0 };
  export function distance(a: Point, b = origin): number { return Math.hypot(a.x - b.x, a.y - b.y); }
  export namespace Solid { export class Cube implements Point { x = 0; y = 0; volume = distance(this); } }
}
declare function ambient(x: number): string;
declare let loose: any, strict: unknown;
declare class External { constructor(x: Id); method(): this; static helper: string }
declare namespace Old { let x: number; }

export function area(shape: Geometry.Solid.Cube | Ambient): number {
  const known = { kind: "cube" } as const satisfies { kind: string };
  if (typeof shape === "object" && "volume" in shape) return shape!.volume;
  return ((known.kind as unknown) as number) ?? <number>loose;
}
let 変数: Id, { a, ...others }: { a: number; b?: string } = { a: 1 }, [p, q = 2]: Tuple = ["😀"];
using_: for (const key in others) if (key) break using_;
