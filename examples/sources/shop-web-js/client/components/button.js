import Component from "./component.js";

export class Button extends Component {
  static tag = "button";
  #pressed = 0;

  constructor(label, onPress) {
    super({ label });
    this.onPress = onPress;
  }

  press = () => {
    this.#pressed++;
    return this.onPress?.(this.#pressed);
  };

  content() {
    return this.properties.label;
  }
}

export function createButton(label, onPress = () => {}) {
  const button = new Button(label, onPress);
  return button;
}
