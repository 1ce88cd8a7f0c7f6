#!/usr/bin/env node
"use strict";
/** The web shop's server. @module server */
const http = require("http");
const { Router } = require("./router.cjs");
const config = require("./config.cjs");
const log = require("./log.cjs")("server");
const routes = require("./routes");

function createServer(options = {}) {
  const settings = { ...config.defaults, ...options };
  const router = new Router(settings);
  routes.install(router);
  const server = http.createServer((request, response) => {
    log.info("%s %s", request.method, request.url);
    router.dispatch(request, response).catch((error) => fail(response, error));
  });

  function fail(response, error) {
    log.error(error);
    response.statusCode = error.status || 500;
    response.end(error.message);
  }
  return server;
}

module.exports = createServer;
module.exports.createServer = createServer;

if (require.main === module) {
  createServer().listen(config.port(), () => log.info("listening"));
}
