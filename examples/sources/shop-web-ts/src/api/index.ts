export { Client } from "./client";
export type { ClientOptions, Transport } from "./transport";
export { HttpTransport as default } from "./transport";
