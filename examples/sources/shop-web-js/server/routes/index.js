"use strict";
const products = require("./products.cjs");
const { orders } = require("./orders.cjs");

module.exports = {
  install(router) {
    products(router);
    orders.install(router);
  },
  health: ({ response }) => response.end("ok"),
};
