import { Observable, Disposable } from "../observable.js";
import { reduce } from "./reducers.js";

export class Store extends Disposable(Observable) {
  #state;
  static #instances = 0;

  constructor(initial) {
    super();
    this.#state = initial;
    Store.#instances += 1;
  }

  get state() {
    return this.#state;
  }

  dispatch(action) {
    const next = reduce(this.#state, action);
    if (next === this.#state) return false;
    this.#state = next;
    this.notify(action);
    return true;
  }
}

export function createStore(initial = {}) {
  return new Store(initial);
}
