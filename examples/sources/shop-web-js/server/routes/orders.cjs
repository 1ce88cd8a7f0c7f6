const { find } = require("./products.cjs");
const { HttpError } = require("../errors.cjs");

const open = new Map();
let next = 1;

async function body(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  try {
    return JSON.parse(text || "{}");
  } catch ({ message }) {
    throw new HttpError(400, message);
  }
}

const orders = {
  install(router) {
    router.add("POST", "/orders", this.create.bind(this));
  },
  async create({ request, response }) {
    const { lines = [] } = await body(request);
    const order = { number: next++, lines: lines.map(({ sku, count = 1 }) => ({ product: find(sku), count })) };
    open.set(order.number, order);
    response.end(String(orders.total(order)));
  },
  total: ({ lines }) => lines.reduce((sum, { product, count }) => sum + product.cents * BigInt(count), 0n),
  get count() {
    return open.size;
  },
};

module.exports.orders = orders;
