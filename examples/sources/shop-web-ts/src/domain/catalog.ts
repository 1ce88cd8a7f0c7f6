import { Base } from "./entity";
import Money from "./money";

export enum Kind {
  Goods = "goods",
  Download = "download",
}

export const enum Flags {
  None = 0,
  Hidden = 1 << 0,
  Sale = 1 << 1,
  Both = Hidden | Sale,
}

export class Product extends Base<string> {
  flags: Flags = Flags.None;

  constructor(sku: string, public name: string, public price: Money, readonly kind: Kind = Kind.Goods) {
    super(sku);
  }

  override validate(): asserts this is Required<this> {
    if (!this.name) throw new Error(`${this.id} has no name`);
  }

  get onSale(): boolean {
    return (this.flags & Flags.Sale) !== 0;
  }

  set onSale(value: boolean) {
    this.flags = value ? this.flags | Flags.Sale : this.flags & ~Flags.Sale;
    this.touch();
  }
}

export namespace Search {
  export interface Query {
    text: string;
    limit?: number;
  }

  const fold = (text: string): string => text.normalize("NFKD").toLowerCase();

  export function run(products: readonly Product[], { text, limit = 10 }: Query): Product[] {
    return products.filter((product) => fold(product.name).includes(fold(text))).slice(0, limit);
  }

  export namespace Ranking {
    export const byPrice = (a: Product, b: Product): number => Number(a.price.minor - b.price.minor);
  }
}
