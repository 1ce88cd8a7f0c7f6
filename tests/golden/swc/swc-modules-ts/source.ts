// Every TypeScript form of import and export.
import type Default from "./default";
import type * as types from "./types";
import { type Inline, value, type Other as Renamed } from "./mixed";
import fs = require("fs");
import Alias = Outer.Inner.Deep;
import type legacy = require("./legacy");
import "./side-effect";
export import Public = Outer.Inner;

export type { Inline } from "./mixed";
export type * from "./all-types";
export * as space from "./space";
export { type Renamed, value as another };
export declare const declared: string;

/// <reference path="./globals.d.ts" />
declare module "ambient" {
  export default function ambient(x: types.One): Default;
  export * from "elsewhere";
}
declare module "*.css";
declare global {
  interface Window { shop: typeof import("./shop"); }
}
namespace Outer.Inner {
  export namespace Deep { export const depth = 3; }
  export type Lazy = import("./lazy").Lazy<string>;
}
const lazy = async () => (await import("./lazy")).default as Alias.Type;
const required = require("./commonjs") as typeof import("./commonjs");
fs.readFileSync(declared satisfies string);

export = lazy;
