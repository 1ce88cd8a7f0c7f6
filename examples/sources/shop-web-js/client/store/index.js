export { createStore, Store } from "./store.js";
export * from "./reducers.js";
export * as selectors from "./selectors.js";
