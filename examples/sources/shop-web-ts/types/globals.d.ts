declare const shopWindow: { localStorage?: { setItem(key: string, value: string): void } };
declare module "*.svg" {
  const content: string;
  export default content;
}
declare function gtag(command: "event", name: string, parameters?: Record<string, unknown>): void;
