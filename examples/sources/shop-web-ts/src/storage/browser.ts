/// <reference path="../../types/globals.d.ts" />
import { MemoryStorage } from "./memory";

export class BrowserStorage extends MemoryStorage {
  override set<T>(key: string, value: T): void {
    super.set(key, value);
    shopWindow.localStorage?.setItem(key, JSON.stringify(value));
  }
}
