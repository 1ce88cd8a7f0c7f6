const { NotFound } = require("../errors.cjs");
const log = require("../log.cjs")("products");

const rows = [
  { sku: "tea", name: "Grüner Tee 🍵", cents: 450n },
  { sku: "pot", name: "Teekanne", cents: 2999n },
];

function find(sku) {
  const row = rows.find((candidate) => candidate.sku === sku);
  if (row === undefined) throw new NotFound(sku);
  return row;
}

const serialize = (row) => JSON.stringify(row, (key, value) => (typeof value === "bigint" ? Number(value) : value));

module.exports = function install(router) {
  router
    .add("GET", "/products", ({ response }) => response.end(rows.map(serialize).join("\n")))
    .add("GET", "/products/:sku", async ({ response, parameters: { sku } }) => {
      log.info("show %s", sku);
      response.end(serialize(find(sku)));
    });
};
module.exports.find = find;
