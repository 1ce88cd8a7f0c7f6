"use strict";

class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

exports.HttpError = HttpError;
exports.NotFound = class NotFound extends HttpError {
  constructor(path) {
    super(404, `nothing at ${path}`);
  }
};
