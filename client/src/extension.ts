import * as path from "node:path";
import * as vscode from "vscode";

import { GraphView } from "./graphView";
import { onEnvironmentChange } from "./python";
import { RulePages } from "./rulePage";
import { Server } from "./server";
import { LAUNCH_SETTINGS, launchSettings, SECTION } from "./settings";

let server: Server | undefined;

/** Wires the editor's events to the server; nothing is decided here. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("nonegrad", { log: true });
  const started = new Server(context.asAbsolutePath(path.join("out", "launch.py")), log);
  server = started;
  const rules = new RulePages(started);
  const graphs = new GraphView(started);
  context.subscriptions.push(
    log,
    graphs,
    rules.register(),
    vscode.commands.registerCommand("nonegrad.restart", () => started.restart()),
    vscode.commands.registerCommand("nonegrad.showLog", () => log.show()),
    vscode.commands.registerCommand("nonegrad.showRule", (name?: string) => rules.show(name)),
    vscode.commands.registerCommand("nonegrad.showGraph", () => graphs.show()),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (affectsLaunch(change)) await started.restart();
      else if (change.affectsConfiguration(SECTION)) await started.settingsChanged();
    }),
    await onEnvironmentChange(() => void started.restart()),
  );
  await started.restart();
}

/** VS Code waits for what this returns, so the server has ended when the window has. */
export async function deactivate(): Promise<void> {
  await server?.dispose();
}

function affectsLaunch(change: vscode.ConfigurationChangeEvent): boolean {
  // A Python named by nonegrad's own setting does not depend on the Python extension's.
  const other = launchSettings().interpreter ? [] : ["python.defaultInterpreterPath"];
  return [...LAUNCH_SETTINGS, ...other].some((name) => change.affectsConfiguration(name));
}
