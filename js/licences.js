/** Writes the licences of all packages in the bundle to the file named on the command line. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { metafile } = await build({
  entryPoints: ["src/widget.js", "src/markdown/math_bundle.js", "src/code/highlighter_bundle.js"],
  bundle: true,
  write: false,
  metafile: true,
  alias: { entities: "./src/text/entities.js", "get-east-asian-width": "./src/text/east_asian_width.js", "punycode.js": "./src/text/punycode.js" },
  format: "esm",
  outdir: ".",
});
const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
);
const texts = [...packages].sort().map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  const files = readdirSync(`node_modules/${name}`).filter((file) => /^licen[cs]e/i.test(file));
  const text = files.map((file) => readFileSync(`node_modules/${name}/${file}`, "utf8").trim()).join("\n\n");
  if (text === "") throw new Error(`${name} has no licence file`);
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync(process.argv[2] ?? "LICENCES.txt", texts.join(`\n${"-".repeat(80)}\n\n`));
