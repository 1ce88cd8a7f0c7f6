import Component from "./component.js";
import { Button } from "./button.js";
import { selectors } from "../store/index.js";

class Row extends Component {
  static tag = "li";
  content() {
    return this.properties.product.name + super.content();
  }
}

export default class ProductList extends Component {
  static tag = "ul";

  constructor(store) {
    super({ store });
    this.store = store;
    this.update();
  }

  update() {
    const products = this.store.state.products || [];
    this.children = [];
    label: for (const product of products) {
      for (const tag of product.tags) if (tag === "hidden") continue label;
      const row = new Row({ product });
      row.append(new Button("+", () => this.store.state.cart.add(product)));
      this.append(row);
    }
    return selectors.page(this.store.state);
  }
}
