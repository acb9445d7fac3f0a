// comments.mjs FOLDER: writes the comments of src as Markdown into the folder, each on the line that it has in its source.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

// Names in code are not prose.
const code = /<c>(.*?)<\/c>|<\w+\s+(?:cref|name|langword)="([^"]*)"\s*\/>/g;
const tag = /<\/?\w[^>]*>/g;

// Raw, verbatim and other strings, characters, and comments: a comment is what no literal before it has begun.
const token = /\$*("{3,})[^]*?\1|\$?@\$?"(?:""|[^"])*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|\/\/\/?[^\S\n]?(.*)/g;

function commentOf(line) {
  return line.replace(code, (_, text, name) => "`" + (text ?? name) + "`").replace(tag, "").trim();
}

function prose(source) {
  const lines = source.split("\n").fill("");
  for (const match of source.matchAll(token)) {
    if (match[2] === undefined) continue;
    lines[source.slice(0, match.index).split("\n").length - 1] = commentOf(match[2]);
  }
  return lines.join("\n");
}

for (const name of readdirSync("src", { recursive: true })) {
  if (!name.endsWith(".cs") || /\/(bin|obj)\//.test(name)) continue;
  const source = join("src", name);
  const page = join(process.argv[2], `${source}.md`);
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, prose(readFileSync(source, "utf8")));
}
