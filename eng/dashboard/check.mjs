// check.mjs MODULES FILE: checks a Grafana dashboard against the types in types.ts, with the TypeScript of a folder of modules.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [modules, file] = process.argv.slice(2);
const ts = createRequire(join(modules, "check.cjs"))("typescript");

// Beside the modules, so that the compiler finds them.
const folder = dirname(modules);
const sources = new Map([
  [join(folder, "types.ts"), readFileSync(new URL("types.ts", import.meta.url), "utf8")],
  [
    join(folder, "dashboard.ts"),
    `import type { Checked } from "./types"; export const dashboard: Checked = ${readFileSync(file, "utf8")}`,
  ],
]);
const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};
const host = ts.createCompilerHost(options);
const { readFile, fileExists } = host;
host.readFile = (name) => sources.get(name) ?? readFile(name);
host.fileExists = (name) => sources.has(name) || fileExists(name);
host.getSourceFile = (name, version) => {
  const text = host.readFile(name);
  return text === undefined ? undefined : ts.createSourceFile(name, text, version);
};

const findings = ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
for (const finding of findings) {
  const place = finding.file?.getLineAndCharacterOfPosition(finding.start);
  const name = finding.file?.fileName === join(folder, "dashboard.ts") ? file : finding.file?.fileName;
  console.error(`${name}:${(place?.line ?? 0) + 1}: ${ts.flattenDiagnosticMessageText(finding.messageText, "\n")}`);
}

process.exit(findings.length > 0 ? 1 : 0);
