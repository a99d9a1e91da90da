// Makes dist/nonegrad-<target>-<version>.vsix: the client, the server and the server's dependencies.
// usage: npm run package [-- --target darwin-arm64]     (default: this machine's platform)
// env:   PYTHON   a Python >= 3.10 with pip, to fetch the dependencies with
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const LIBCST = "1.9.0";
const PYTHONS = ["310", "311", "312", "313", "314"];
// VS Code's name of a platform -> the platform tags of wheels that run there.
const WHEELS = {
  "linux-x64": ["manylinux_2_28_x86_64", "manylinux2014_x86_64"],
  "linux-arm64": ["manylinux_2_28_aarch64", "manylinux2014_aarch64"],
  "alpine-x64": ["musllinux_1_2_x86_64"],
  "alpine-arm64": ["musllinux_1_2_aarch64"],
  "darwin-x64": ["macosx_10_12_x86_64"],
  "darwin-arm64": ["macosx_11_0_arm64"],
  "win32-x64": ["win_amd64"],
  "win32-arm64": ["win_arm64"],
};

const root = path.dirname(import.meta.dirname);
process.chdir(root);

function fail(message) {
  console.error(`package: ${message}`);
  process.exit(1);
}

function chosenTarget() {
  const at = process.argv.indexOf("--target");
  const target = at < 0 ? `${process.platform}-${process.arch}` : process.argv[at + 1];
  if (!(target in WHEELS)) fail(`no target ${target}; there are ${Object.keys(WHEELS).join(", ")}`);
  return target;
}

/** A Python with pip: packaging fetches wheels, and only pip knows the user's index and proxy. */
function pythonWithPip() {
  const own = process.platform === "win32" ? ".venv\\Scripts\\python.exe" : ".venv/bin/python";
  const candidates = [process.env.PYTHON, own, "python3", "python"].filter(Boolean);
  const check = "import sys; assert sys.version_info >= (3, 10); import pip";
  const found = candidates.find((python) => spawnSync(python, ["-c", check]).status === 0);
  return found ?? fail(`none of ${candidates.join(", ")} is a Python >= 3.10 with pip; set PYTHON`);
}

/** Removes the folders of these names, at any depth: what no running server reads. */
function prune(folder, ...unwanted) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (!entry.isDirectory()) continue;
    if (unwanted.includes(entry.name)) fs.rmSync(full, { recursive: true });
    else prune(full, ...unwanted);
  }
}

const target = chosenTarget();
const python = pythonWithPip();
const pip = (...args) =>
  execFileSync(python, ["-m", "pip", "--disable-pip-version-check", "--quiet", ...args], { stdio: "inherit" });
const step = (text) => console.log(`package: ${text}`);

fs.rmSync("out", { recursive: true, force: true });
await import("./build.mjs");

step(`dependencies (by ${python})`);
pip("install", "--no-deps", "--no-compile", "--only-binary=:all:", "--target", "out/libs", "--requirement", "client/bundled-requirements.txt");
prune("out/libs", "__pycache__", "bin", "django-stubs");
// Stubs of other people's packages, four fifths of all files; none is about torch.
fs.rmSync("out/libs/jedi/third_party/typeshed/stubs", { recursive: true });

step(`libcst ${LIBCST} for ${target}, Python ${PYTHONS.map((p) => p.replace("3", "3.")).join(", ")}`);
const wheelhouse = path.join("out", "wheels");
for (const version of PYTHONS) {
  // One folder takes them all: only the compiled module differs, and its name tells the Python.
  pip("install", "--no-deps", "--no-compile", "--only-binary=:all:", "--implementation", "cp", "--python-version", version,
    ...WHEELS[target].flatMap((tag) => ["--platform", tag]), "--target", path.join(wheelhouse, version), `libcst==${LIBCST}`);
  fs.cpSync(path.join(wheelhouse, version), "out/native", { recursive: true });
}
fs.rmSync(wheelhouse, { recursive: true });
prune("out/native", "__pycache__", "bin", "tests", "testing", "codemod");

step("server");
fs.cpSync("server/nonegrad", "out/server/nonegrad", { recursive: true });
prune("out/server", "__pycache__");

const { version } = JSON.parse(fs.readFileSync("package.json", "utf8"));
const vsix = path.join("dist", `nonegrad-${target}-${version}.vsix`);
fs.mkdirSync("dist", { recursive: true });
// --no-dependencies: esbuild has bundled what the client needs. The search for secrets is left out,
// since it takes minutes: .vscodeignore lets in this repository's files and pinned wheels only.
const vsce = path.join("node_modules", "@vscode", "vsce", "vsce");
const flags = ["--no-dependencies", "--allow-package-all-secrets", "--allow-package-env-file"];
execFileSync(process.execPath, [vsce, "package", ...flags, "--target", target, "--out", vsix], { stdio: "inherit" });
step(`made ${vsix}`);
