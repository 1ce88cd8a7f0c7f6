// Classes: parameter properties, modifiers, overloads, decorators, index signatures, this types.
function sealed(target: Function): void { Object.seal(target); }
const log = (level: string) => (target: unknown, context?: unknown): void => void [target, level, context];

@sealed
@log("info")
export abstract class Repository<K extends string | number, V extends { id: K } = { id: K }> {
  static readonly instances: Repository<string>[] = [];
  declare static readonly tag: unique symbol;
  protected readonly rows = new Map<K, V>();
  private cache?: WeakMap<object, V>;
  #secret!: string;
  accessor size = 0;
  [key: string]: unknown;

  constructor(private readonly name: string, public limit = 10, protected loose?: boolean) {
    Repository.instances.push(this as never);
  }

  find(id: K): V | undefined;
  find(id: K, required: true): V;
  @log("debug") find(id: K, required?: boolean): V | undefined {
    const row = this.rows.get(id)!;
    if (!row && required) throw new Error(`no ${String(id)} in ${this.name}`);
    return row;
  }

  get count(): number { return this.rows.size; }
  set count(value) { this.limit = value; }
  abstract validate(row: V): asserts row is Required<V>;
  chain(): this { return this; }
  is(other: unknown): other is Repository<K> { return #secret in (other as object); }
  async *all(this: Repository<K, V>): AsyncGenerator<V, void, undefined> { yield* this.rows.values(); }
  protected abstract get kind(): string;
}

interface Auditable { audit?(): void; new (name: string): Auditable; (x: number): string; readonly [n: number]: string }
abstract class Audited extends Repository<string> implements Auditable, PromiseLike<void> {
  static create<T extends typeof Audited>(this: T): void {}
}
const Mixed = <B extends new (...args: any[]) => object>(Base: B) => class extends Base { mixed = true };
class Orders extends Mixed(class {} as { new (): Orders }) { private constructor() { super(); } }
let generic = new Map<string, Array<Orders>>(), cast = <Orders>generic.get("x"), call = find<Orders>(cast)!;
function find<const T>(this: void, value: T, ...rest: unknown[]): T;
function find(value: any) { return value; }
