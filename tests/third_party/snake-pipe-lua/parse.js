// Lua to JSON: node parse.js FILE.lua > FILE.lua.json   (npm install luaparse@0.3.1)
const fs = require("fs");
const lua = require("luaparse");
const source = fs.readFileSync(process.argv[2], "utf8");
const tree = lua.parse(source, { locations: true, ranges: true, comments: true, luaVersion: "5.3" });
process.stdout.write(JSON.stringify(tree) + "\n");
