"use strict";
const { URL } = require("url");
const EventEmitter = require("events");
const { HttpError, NotFound } = require("./errors.cjs");

class Route {
  constructor(method, pattern, handler) {
    this.method = method;
    this.pattern = new RegExp(`^${pattern.replace(/:(\w+)/g, "(?<$1>[^/]+)")}$`, "u");
    this.handler = handler;
  }

  match(method, path) {
    return method === this.method ? this.pattern.exec(path) : null;
  }
}

class Router extends EventEmitter {
  #routes = [];
  static methods = ["GET", "POST"];

  constructor(settings) {
    super();
    this.settings = settings;
  }

  get size() {
    return this.#routes.length;
  }

  add(method, pattern, handler) {
    if (!Router.methods.includes(method)) throw new HttpError(405, method);
    this.#routes.push(new Route(method, pattern, handler));
    return this;
  }

  async dispatch(request, response) {
    const { pathname } = new URL(request.url, "http://localhost");
    for (const route of this.#routes) {
      const found = route.match(request.method, pathname);
      if (found) {
        this.emit("route", route);
        return await route.handler({ request, response, parameters: { ...found.groups } });
      }
    }
    throw new NotFound(pathname);
  }
}

module.exports = { Router, Route };
