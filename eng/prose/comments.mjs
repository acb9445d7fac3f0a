// comments.mjs FOLDER: writes the comments of src as Markdown into the folder, each on the line that it has in its source.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

// Names in code are not prose.
const code = /<c>(.*?)<\/c>|<\w+\s+(?:cref|name|langword)="([^"]*)"\s*\/>/g;
const tag = /<\/?\w[^>]*>/g;

function prose(line) {
  const comment = /^\s*\/\/\/?\s?(.*)$/.exec(line);
  return comment ? comment[1].replace(code, (_, text, name) => "`" + (text ?? name) + "`").replace(tag, "").trim() : "";
}

for (const name of readdirSync("src", { recursive: true })) {
  if (!name.endsWith(".cs") || /\/(bin|obj)\//.test(name)) continue;
  const source = join("src", name);
  const page = join(process.argv[2], `${source}.md`);
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, readFileSync(source, "utf8").split("\n").map(prose).join("\n"));
}
