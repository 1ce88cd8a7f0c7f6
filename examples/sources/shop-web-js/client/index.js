import { createStore } from "./store/index.js";
import * as components from "./components/index.js";
import Cart, { formatTotal } from "./cart.js";
import "./register.js";

const store = createStore({ cart: new Cart(), page: "home" });

export async function navigate(page) {
  const module = await import(`./pages/${page}.js`).catch(() => import("./pages/missing.js"));
  store.dispatch({ type: "page", page });
  return module.default(store);
}

export function mount(root) {
  const list = new components.ProductList(store);
  const button = components.createButton("Pay", () => store.state.cart.clear());
  root.append(list.render(), button.render(), formatTotal(store.state.cart));
  store.subscribe(() => list.update());
}

export { store as default, components };
