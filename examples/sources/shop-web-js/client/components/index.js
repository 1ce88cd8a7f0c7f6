export { default as ProductList } from "./product-list.js";
export { Button, createButton } from "./button.js";
export { default } from "./component.js";
