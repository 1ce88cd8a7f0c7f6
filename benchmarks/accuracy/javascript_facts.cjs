// Run by node in a folder that has `typescript`, `acorn` and `@typescript-eslint/typescript-estree`:
// dump a package's sources as ESTree JSON, and tell what TypeScript's checker says of them.
//
// Belongs here: facts of other tools, as JSON on standard output. Does not: anything of this project.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const [tools, root, ...folders] = process.argv.slice(2);
const load = createRequire(path.join(path.resolve(tools), "x.js"));
const ts = load("typescript");
const acorn = load("acorn");
const estree = load("@typescript-eslint/typescript-estree");

function sources(folder, found) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules") sources(file, found);
    else if (/\.(js|mjs|cjs|ts|mts|cts)$/.test(entry.name)) found.push(file);
  }
  return found;
}

function dump(file) {
  const text = fs.readFileSync(file, "utf8");
  if (/ts$/.test(file)) return estree.parse(text, { loc: true, range: true });
  const options = { ecmaVersion: "latest", locations: true, ranges: true, allowHashBang: true };
  for (const sourceType of ["module", "script"]) {
    try {
      return acorn.parse(text, { ...options, sourceType });
    } catch (error) {
      if (sourceType === "script") return null;
    }
  }
}

const plain = (key, value) =>
  typeof value === "bigint" ? `${value}n` : value instanceof RegExp ? {} : value;
const relative = (file) => path.relative(root, file).split(path.sep).join("/");
const files = folders.flatMap((folder) => sources(path.join(root, folder), [])).sort();
const asts = {};
for (const file of files) {
  const tree = dump(file);
  if (tree) asts[relative(file)] = JSON.stringify(tree, plain);
}

const program = ts.createProgram(files, {
  allowJs: true, checkJs: false, noEmit: true, target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: [],
});
const checker = program.getTypeChecker();
const inside = new Set(files.map((file) => path.resolve(file)));
// Functions as JavaScript has them: assigned to exports, to a prototype, to a constant.
const bare = (node) => (node && ts.isParenthesizedExpression(node) ? bare(node.expression) : node);
const isFunction = (node) => {
  node = bare(node);
  return Boolean(node) && (ts.isFunctionLike(node) || ts.isClassLike(node));
};
const isCallable = (node) => {
  if (isFunction(node)) return true;
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) return isFunction(node.initializer);
  for (let at = node; at; at = at.parent) {
    if (ts.isBinaryExpression(at)) {
      let right = at.right;
      while (ts.isBinaryExpression(right)) right = right.right;
      return isFunction(right);
    }
    if (!ts.isPropertyAccessExpression(at) && !ts.isIdentifier(at)) return false;
  }
  return false;
};
const modules = [], calls = [], heritage = [];
const place = (node) => {
  const source = node.getSourceFile();
  const name = node.name && node.name.getStart ? node.name : node;
  return [relative(source.fileName), ts.getLineAndCharacterOfPosition(source, name.getStart(source)).line + 1];
};
const declarations = (symbol) => {
  if (!symbol) return [];
  if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  return (symbol.declarations || []).filter((d) => inside.has(path.resolve(d.getSourceFile().fileName)));
};
for (const file of files) {
  const source = program.getSourceFile(file);
  if (!source || !asts[relative(file)]) continue;
  const visit = (node) => {
    if ((ts.isStringLiteralLike(node)) && node.parent &&
        (ts.isImportDeclaration(node.parent) || ts.isExportDeclaration(node.parent) ||
         (ts.isCallExpression(node.parent) && node.parent.arguments[0] === node &&
          (node.parent.expression.kind === ts.SyntaxKind.ImportKeyword ||
           node.parent.expression.getText(source) === "require")))) {
      const found = ts.resolveModuleName(node.text, file, program.getCompilerOptions(), ts.sys).resolvedModule;
      if (found && inside.has(path.resolve(found.resolvedFileName)))
        modules.push([relative(file), relative(found.resolvedFileName)]);
    }
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const callee = node.expression;
      const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
      if (ts.isIdentifier(name) && name.text !== "require") {
        const line = ts.getLineAndCharacterOfPosition(source, node.getStart(source)).line + 1;
        const found = declarations(checker.getSymbolAtLocation(name)).filter(isCallable);
        calls.push([relative(file), line, name.text, found.map(place)]);
      }
    }
    if (ts.isHeritageClause(node) && node.parent.name) {
      for (const base of node.types)
        for (const found of declarations(checker.getSymbolAtLocation(base.expression)))
          if (ts.isClassLike(found) || ts.isInterfaceDeclaration(found) || ts.isFunctionDeclaration(found))
            heritage.push([`${relative(file)}:${node.parent.name.text}`,
                           `${relative(found.getSourceFile().fileName)}:${found.name.text}`]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}
process.stdout.write(JSON.stringify({ asts, modules, calls, heritage }));
