import * as os from "node:os";
import * as vscode from "vscode";

export const SECTION = "nonegrad";

/** The settings that only this client reads; a change of one of them starts the server anew. */
export const LAUNCH_SETTINGS = ["enable", "interpreter", "args"].map((name) => `${SECTION}.${name}`);

/** The settings that the server reads, by the names it knows. */
const SERVER_SETTINGS = [
  "select",
  "ignore",
  "severity",
  "perFileIgnores",
  "exclude",
  "explainSuppression",
  "inlayHints",
] as const;

export interface LaunchSettings {
  readonly enable: boolean;
  /** Empty: look for one. */
  readonly interpreter: string;
  readonly args: readonly string[];
}

export function launchSettings(): LaunchSettings {
  const section = vscode.workspace.getConfiguration(SECTION);
  return {
    enable: section.get("enable", true),
    interpreter: expand(section.get("interpreter", "").trim()),
    args: section.get<string[]>("args", []),
  };
}

/**
 * What the user has set, without the defaults: an unset `select` here must not hide the one in
 * the project's `pyproject.toml`.
 */
export function serverSettings(resource?: vscode.Uri): Record<string, unknown> {
  const section = vscode.workspace.getConfiguration(SECTION, resource);
  return Object.fromEntries(
    SERVER_SETTINGS.filter((name) => isSet(section, name)).map((name) => [name, section.get(name)]),
  );
}

/** Replaces `~` and `${workspaceFolder}`, which VS Code leaves to the extension. */
export function expand(path: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const home = path.replace(/^~(?=$|[\\/])/, () => os.homedir());
  return folder === undefined ? home : home.replaceAll("${workspaceFolder}", () => folder);
}

function isSet(section: vscode.WorkspaceConfiguration, name: string): boolean {
  const found = section.inspect(name);
  return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(
    (value) => value !== undefined,
  );
}
