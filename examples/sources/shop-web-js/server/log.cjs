"use strict";
var util = require("util");

/** A logger with a name. Can be called without `new`. */
function Logger(name) {
  if (!(this instanceof Logger)) return new Logger(name);
  this.name = name;
  this.lines = [];
}

Logger.levels = ["info", "warn", "error"];

Logger.prototype.write = function write(level, args) {
  var line = "[" + this.name + "] " + level + " " + util.format.apply(util, args);
  this.lines.push(line);
  return line;
};

Logger.levels.forEach(function (level) {
  Logger.prototype[level] = function () {
    return this.write(level, arguments);
  };
});

Logger.prototype.child = function (name) {
  return new Logger(this.name + ":" + name);
};

module.exports = Logger;
