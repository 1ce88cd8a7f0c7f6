type Method = (this: unknown, ...args: unknown[]) => unknown;

export function sealed<T extends abstract new (...args: never[]) => object>(target: T, _context?: unknown): void {
  Object.seal(target);
  Object.seal(target.prototype);
}

export const logged =
  (channel: string) =>
  (_target: unknown, key: PropertyKey | object, descriptor?: PropertyDescriptor): void => {
    const original = descriptor?.value as Method | undefined;
    if (!original || !descriptor) return;
    descriptor.value = function (...args) {
      console.debug(channel, String(key));
      return original.apply(this, args);
    } satisfies Method;
  };
