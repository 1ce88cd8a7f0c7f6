#!/usr/bin/env node
"use strict";
/** Every CommonJS form of import and export. @module commonjs */
const fs = require("fs");
const { join, resolve: absolute } = require("path");
const local = require("./local");
const up = require("../up/").deep.property;
var lazy;
require("./register");

function Account(owner) {
  if (!(this instanceof Account)) return new Account(owner);
  this.owner = owner;
  this.balance = 0;
}
Account.prototype.deposit = function deposit(amount) {
  this.balance += amount;
  return this;
};
Account.prototype.withdraw = function (amount) { this.balance -= amount; };
Object.assign(Account.prototype, { close() { this.balance = 0; } });
Account.open = (owner) => new Account(owner).deposit(10);

function load(name) {
  lazy = lazy || require("./lazy");
  return require(name) || require(join(__dirname, "plugins", name));
}

exports.load = load;
exports.absolute = absolute;
exports["quoted name"] = local;
module.exports.up = up;
module.exports = {
  Account,
  load,
  read: function read(file) { return fs.readFileSync(file, "utf8"); },
  get version() { return "1.0"; },
  [up + "x"]: 1,
  ...local,
};
module.exports.default = module.exports;
