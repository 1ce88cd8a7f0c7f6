"use strict";

exports.defaults = { port: 8080, currency: "EUR", pageSize: 20 };

exports.port = function port() {
  return Number(process.env.PORT) || exports.defaults.port;
};

exports.load = (file) => Object.assign({}, exports.defaults, require(file));
