export class Observable {
  listeners = new Set();

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  notify(change) {
    for (const listener of this.listeners) listener?.(change);
  }
}

export const Disposable = (Base) =>
  class extends Base {
    dispose() {
      this.listeners.clear();
    }
  };
