/** Everything with an identity. */
export interface Identified<Id extends string | number = string> {
  readonly id: Id;
}

export interface Timestamped {
  created: Date;
  updated?: Date;
}

export interface Entity<Id extends string | number = string> extends Identified<Id>, Timestamped {
  equals(other: Entity<Id>): boolean;
}

export abstract class Base<Id extends string | number> implements Entity<Id> {
  created = new Date(0);
  updated?: Date;

  protected constructor(public readonly id: Id) {}

  equals(other: Entity<Id>): boolean {
    return this.id === other.id;
  }

  abstract validate(): asserts this is Required<this>;

  protected touch(): this {
    this.updated = new Date();
    return this;
  }
}
