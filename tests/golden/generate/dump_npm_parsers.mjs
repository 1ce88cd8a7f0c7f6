// Runs the producers that are npm packages: acorn, espree, esprima, typescript-estree, Babel,
// astgen, php-parser, solc, Prism, ruby_ast_gen and swc. What to parse is in cases.json; the Python producers are in dump_python_parsers.py.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as acorn from "acorn";
import * as babel from "@babel/parser";
import * as babel8 from "babel-parser-8";
import * as espree from "espree";
import esprima from "esprima";
import { parse as parseTypeScript } from "@typescript-eslint/typescript-estree";
import phpParser from "php-parser";
import solc from "solc";
import { loadPrism } from "@ruby/prism";
import swc from "@swc/wasm";

const here = path.dirname(fileURLToPath(import.meta.url));
const golden = path.dirname(here);
const examples = path.join(golden, "..", "..", "examples");

// JSON.stringify throws on a BigInt, so everybody who dumps an ESTree writes such a replacer.
const stringify = (tree) =>
  JSON.stringify(tree, (_, value) => (typeof value === "bigint" ? String(value) : value));

const isModule = (text) => /^\s*(import|export)\b/m.test(text);
const sourceType = (text) => (isModule(text) ? "module" : "script");

const withBabel = (options, { parse } = babel) => (text) =>
  stringify(parse(text, { sourceType: sourceType(text), ...options }));

// astgen reads and writes directories; its name for the file is relative to where it runs.
function astgen(text, document) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "astgen-"));
  try {
    const input = path.join(scratch, "src", document);
    fs.mkdirSync(path.dirname(input), { recursive: true });
    fs.writeFileSync(input, text);
    const program = path.join(here, "node_modules", "@appthreat", "atom-parsetools", "astgen.js");
    const type = /\.tsx?$/.test(document) ? "ts" : "js";
    execFileSync(process.execPath, [program, "-i", "src", "-o", "out", "-t", type], {
      cwd: scratch,
      stdio: "pipe",
    });
    return fs.readFileSync(path.join(scratch, "out", `${document}.json`), "utf8").trimEnd();
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

// ruby_ast_gen comes with atom-parsetools, but runs on the Ruby of the machine (3.1 or newer). The
// grammar is named, so that it does not depend on that Ruby.
function rubyAstGen(text, document) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "ruby_ast_gen-"));
  try {
    fs.mkdirSync(path.join(scratch, "src"));
    fs.writeFileSync(path.join(scratch, "src", document), text);
    const plugins = path.join(here, "node_modules", "@appthreat", "atom-parsetools", "plugins");
    const bundle = path.join(plugins, "rubyastgen", "bundle", "ruby");
    const gems = path.join(bundle, fs.readdirSync(bundle)[0]);
    const folder = path.join(gems, "bundler", "gems");
    const generator = path.join(folder, fs.readdirSync(folder)[0]);
    const own = execFileSync("ruby", ["-e", "puts Gem.path"], { encoding: "utf8" });
    const args = ["-i", "src", "-o", "out", "--parser-target", "3.4"];
    const program = [path.join(generator, "exe", "ruby_ast_gen"), ...args];
    execFileSync("ruby", ["-I", path.join(generator, "lib"), ...program], {
      cwd: scratch,
      stdio: "pipe",
      env: { ...process.env, GEM_PATH: [gems, ...own.trim().split("\n")].join(path.delimiter) },
    });
    return fs.readFileSync(path.join(scratch, "out", `${document}.json`), "utf8").trimEnd();
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

const hasRuby = process.env.PATH.split(path.delimiter)
  .some((folder) => fs.existsSync(path.join(folder, "ruby")));
if (!hasRuby) {
  console.error("generate: there is no ruby; the goldens of ruby_ast_gen stay as they are.");
}

// solc resolves names, so it must have all sources of the folder.
function compiled(text, document, origin) {
  const folder = path.dirname(origin);
  const names = fs.readdirSync(folder).filter((name) => name.endsWith(".sol")).sort();
  const sources = Object.fromEntries(
    names.map((name) => [name, { content: fs.readFileSync(path.join(folder, name), "utf8") }]),
  );
  const settings = { outputSelection: { "*": { "": ["ast"] } } };
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: "Solidity", sources, settings })),
  );
  const failed = (output.errors ?? []).find((error) => error.severity === "error");
  if (failed) throw new Error(failed.formattedMessage);
  return stringify(output.sources[path.basename(origin)].ast);
}

const parsePrism = await loadPrism();

const withPhp = (text, document) =>
  stringify(
    new phpParser.Engine({
      parser: { extractDoc: true, version: "8.4" }, ast: { withPositions: true },
    }).parseCode(text, document),
  );

const producers = {
  "acorn": (text) =>
    stringify(acorn.parse(text, {
      ecmaVersion: "latest", sourceType: sourceType(text), locations: true, allowHashBang: true,
    })),
  "acorn-offsets": (text) =>
    stringify(acorn.parse(text, { ecmaVersion: "latest", sourceType: sourceType(text) })),
  "espree": (text) =>
    stringify(espree.parse(text, {
      ecmaVersion: "latest", sourceType: sourceType(text),
      loc: true, range: true, tokens: true, comment: true,
    })),
  "esprima": (text) =>
    stringify((isModule(text) ? esprima.parseModule : esprima.parseScript)(text, {
      loc: true, range: true,
    })),
  "typescript-estree": (text, document) =>
    stringify(parseTypeScript(text, { loc: true, range: true, filePath: document })),
  "typescript-estree-tokens": (text, document) =>
    stringify(parseTypeScript(text, {
      loc: true, range: true, tokens: true, comment: true, filePath: document,
    })),
  "babel": withBabel({}),
  "babel-typescript": withBabel({ plugins: ["typescript", "decorators", "decoratorAutoAccessors"] }),
  "babel-estree": withBabel({ plugins: ["estree"] }),
  "babel8": withBabel({}, babel8),
  "babel8-typescript": withBabel({ plugins: ["typescript", "decorators"] }, babel8),
  "astgen": astgen,
  "glayzzle": withPhp,
  "solc": compiled,
  "swc": (text, document) =>
    stringify(swc.parseSync(text, {
      ...(document.endsWith(".ts")
        ? { syntax: "typescript", decorators: true }
        : { syntax: "ecmascript", decorators: true, autoAccessors: true }),
      isModule: isModule(text) || document.endsWith(".ts"),
      target: "esnext",
    })),
  ...(hasRuby ? { "ruby_ast_gen": rubyAstGen } : {}),
  "prism": (text) => stringify(parsePrism(text).value),
  "prism-result": (text) => stringify(parsePrism(text)),
};

function writeGolden({ dialect, case: name, producer, source }) {
  const origin = path.join(here, "sources", source);
  const folder = path.join(golden, dialect, name);
  fs.mkdirSync(folder, { recursive: true });
  const document = `source${path.extname(source)}`;
  fs.copyFileSync(origin, path.join(folder, document));
  const artifact = producers[producer](fs.readFileSync(origin, "utf8"), document, origin);
  fs.writeFileSync(path.join(folder, `${document}.json`), `${artifact}\n`);
}

function writeExample({ source, producer, suffixes }) {
  const root = path.join(examples, "sources", source);
  const target = path.join(examples, "asts", source);
  fs.rmSync(target, { recursive: true, force: true });
  for (const entry of fs.readdirSync(root, { recursive: true }).sort()) {
    if (!suffixes.includes(path.extname(entry))) continue;
    const document = entry.split(path.sep).join("/");
    const text = fs.readFileSync(path.join(root, entry), "utf8");
    const destination = path.join(target, `${entry}.json`);
    fs.mkdirSync(path.dirname(destination), { recursive: true });
    fs.writeFileSync(destination, `${producers[producer](text, document)}\n`);
  }
}

const cases = JSON.parse(fs.readFileSync(path.join(here, "cases.json"), "utf8"));
cases.golden.filter((one) => one.producer in producers).forEach(writeGolden);
cases.examples.filter((one) => one.producer in producers).forEach(writeExample);
