export interface ClientOptions {
  base: string;
  retries?: number;
  transport?: Transport;
}

export interface Transport {
  send<T>(path: string, body?: unknown): Promise<T>;
}

export class TransportError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

export class HttpTransport implements Transport {
  #attempts = 0;

  constructor(private readonly options: ClientOptions) {}

  async send<T>(path: string, body?: unknown): Promise<T> {
    const { base, retries = 2 } = this.options;
    for (;;) {
      const response = await fetch(new URL(path, base), { method: body ? "POST" : "GET", body: JSON.stringify(body) });
      if (response.ok) return (await response.json()) as T;
      if (this.#attempts++ >= retries) throw new TransportError(response.status, response.statusText);
    }
  }
}
