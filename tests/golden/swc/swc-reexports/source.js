// A barrel: nothing of its own, not even a binding.
export { default } from "./default.js";
export { default as Widget, part as section } from "./widget.js";
export * from "./all.js";
export * from "../sibling/index.js";
export * as tools from "./tools";
export {};
