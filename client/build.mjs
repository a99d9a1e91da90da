// Bundles the client into out/extension.js; `--watch` rebuilds on each save.
import * as esbuild from "esbuild";
import fs from "node:fs";
import path from "node:path";

const root = path.dirname(import.meta.dirname);
process.chdir(root);

/** @type {import("esbuild").BuildOptions} */
const options = {
  entryPoints: ["client/src/extension.ts"],
  outfile: "out/extension.js",
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: true,
  sourcemap: false,
  legalComments: "linked",
  logLevel: "warning",
};

fs.mkdirSync("out", { recursive: true });
fs.copyFileSync("client/launch.py", "out/launch.py");
if (process.argv.includes("--watch")) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
}
