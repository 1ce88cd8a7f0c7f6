export { default as Money } from "./money";
export * from "./order";
export * as catalog from "./catalog";
export type { Identified, Entity as Thing } from "./entity";
