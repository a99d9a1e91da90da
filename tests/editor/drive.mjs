// Plays a plan in one VS Code window and writes down what it saw; whether that is right is for the
// tests to say. usage: node drive.mjs PLAN.json SEEN.json
import fs from "node:fs";
import path from "node:path";

import { start, until } from "./workbench.mjs";

const [planFile, seenFile] = process.argv.slice(2);
const plan = JSON.parse(fs.readFileSync(planFile, "utf8"));
const seen = { log: [], scenarios: {}, failure: null };
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

const vscode = await start(plan);
const shot = async (name) => {
  if (plan.shots === null) return;
  await vscode.page.waitForTimeout(1_500); // numbers on tabs and in the explorer lag behind
  await vscode.page.screenshot({ path: path.join(plan.shots, `${name}.png`) });
};

try {
  await vscode.open(plan.scenarios[0].file);
  seen.log = await readLog();
  await vscode.command("Problems: Focus on Problems View");
  for (const scenario of plan.scenarios) {
    const full = path.join(plan.workspace, scenario.file);
    const before = fs.readFileSync(full, "utf8");
    seen.scenarios[scenario.name] = await play(scenario, full, before);
    await vscode.press("Escape");
    await vscode.command("View: Close All Editors");
    fs.writeFileSync(full, before);
  }
  seen.tensorHover = await hoverOnTensor(plan.tensor);
  seen.ignored = await afterSettings({ "nonegrad.ignore": plan.ignore.rules }, plan.ignore.file);
  seen.noPython = await noPython();
  seen.recovered = await recover();
} catch (error) {
  seen.failure = String(error.stack ?? error);
  await vscode.page.screenshot({ path: path.join(plan.root, "failure.png") });
} finally {
  fs.writeFileSync(seenFile, JSON.stringify(seen, null, 2));
  await vscode.close();
}

async function readLog() {
  await vscode.command("nonegrad: Show Log");
  let lines = [];
  await until("the log says that the server runs", async () => (lines = await vscode.output()).some((line) => line.includes("is running")), 40).catch(() => {});
  return lines;
}

/**
 * One file: squiggle, hover, lightbulb, the fix applied, and what is left of the squiggle. Where a
 * step shows nothing the next ones are left out, and with them their entries.
 */
async function play({ name, file, rule, at: [line, column], fix, listed = true }, full, before) {
  await vscode.open(file);
  const stands = async () => (await vscode.problems()).some((row) => row.includes(rule));
  // Hints draw no squiggle and are no problem; they show in the hover and in the lightbulb.
  if (listed) await until(`${rule} in ${file}`, stands, 30).catch(() => {});
  const saw = { problems: await vscode.problems(), squiggles: await vscode.squiggles() };
  if (listed && !(await stands())) return saw;
  saw.popup = await vscode.hover(line, column, rule);
  await shot(`${name}-hover`);
  saw.actions = saw.popup.includes(rule) ? await vscode.actions(line, column) : [];
  await shot(`${name}-fixes`);
  if (!saw.actions.some((title) => title.includes(fix))) return saw;
  await vscode.choose(fix);
  saw.after = await vscode.save(full, before);
  await until(`${rule} is gone from ${file}`, async () => !(await stands()), 15).catch(() => {});
  saw.problemsAfter = await vscode.problems();
  saw.squigglesAfter = await vscode.squiggles();
  await shot(`${name}-fixed`);
  return saw;
}

/** The server's own hover: the place has no finding whose message could stand in for it. */
async function hoverOnTensor({ file, at: [line, column], word }) {
  await vscode.open(file);
  const said = await vscode.hover(line, column, word, 2);
  await vscode.press("Escape");
  return said;
}

async function afterSettings(settings, file) {
  await vscode.open(file);
  await until("problems", async () => (await vscode.problems()).length > 0, 20).catch(() => {});
  const before = await vscode.problems();
  vscode.changeSettings(settings);
  await until("no problems", async () => (await vscode.problems()).length === 0, 20).catch(() => {});
  const after = await vscode.problems();
  vscode.changeSettings({});
  return { before, after };
}

/** The negative control: an interpreter that is none. */
async function noPython() {
  vscode.changeSettings({ "nonegrad.interpreter": "/bin/false" });
  let said = [];
  await until("an error message", async () => (said = await vscode.notifications()).length > 0, 30).catch(() => {});
  await shot("no-python");
  return { said, problems: await vscode.problems() };
}

async function recover() {
  vscode.changeSettings({});
  await until("problems", async () => (await vscode.problems()).length > 0, 30).catch(() => {});
  return vscode.problems();
}
