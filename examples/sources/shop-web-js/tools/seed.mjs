#!/usr/bin/env node
// Fills the server with invented orders.
import process, { argv } from "node:process";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { find } = require("../server/routes/products.cjs");

function* numbers(count) {
  for (let i = 0; i < count; i++) yield i ** 2 % 97;
}

async function* orders(count) {
  for (const number of numbers(count)) {
    await null;
    yield { number, product: find(number % 2 ? "tea" : "pot") };
  }
}

try {
  for await (const { number, product } of orders(Number(argv[2] ?? 10))) {
    process.stdout.write(`${number}: ${product.name}\n`);
  }
} catch (error) {
  process.exitCode = 1;
}
