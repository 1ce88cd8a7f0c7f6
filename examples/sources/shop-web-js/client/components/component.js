/** A piece of the page. */
export default class Component {
  static tag = "div";
  children = [];

  constructor(properties = {}) {
    this.properties = properties;
  }

  append(...children) {
    this.children.push(...children);
    return this;
  }

  render() {
    const { tag } = this.constructor;
    return `<${tag}>${this.content()}</${tag}>`;
  }

  content() {
    return this.children.map((child) => child.render()).join("");
  }
}
