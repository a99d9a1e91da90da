import { execFile } from "node:child_process";
import * as path from "node:path";
import * as vscode from "vscode";

import { expand, type LaunchSettings } from "./settings";

const OLDEST = [3, 10] as const;
const PROBE_TIMEOUT_MS = 20_000; // the first start of a Python on a cold network drive

/** A Python that can run the server. */
export interface Python {
  readonly path: string;
  readonly version: string;
  /** Whether it has the server's dependencies itself, so that the bundled ones stay unused. */
  readonly own: boolean;
  /** Whether libcst can be imported: without it everything but the rewrites works. */
  readonly libcst: boolean;
}

/** No Python can run the server; the message is for the user. */
export class NoPython extends Error {}

interface Candidate {
  readonly command: string;
  /** Where it comes from, as the user knows it. */
  readonly source: string;
}

/**
 * The Python that will run the server.
 *
 * One that the user chose for nonegrad must do, or it is an error; of the others the first that
 * does is taken, and why the ones before it were not is logged.
 */
export async function findPython(
  settings: LaunchSettings,
  launcher: string,
  log: vscode.LogOutputChannel,
): Promise<Python> {
  const chosen: Candidate[] = settings.interpreter
    ? [{ command: settings.interpreter, source: "setting nonegrad.interpreter" }]
    : await candidates();
  const refusals: string[] = [];
  for (const { command, source } of chosen) {
    try {
      const python = await probe(command, launcher);
      log.info(`Python ${python.version} at ${python.path} (${source})`);
      return python;
    } catch (error) {
      const refusal = `${command} (${source}): ${error instanceof Error ? error.message : error}`;
      log.warn(refusal);
      refusals.push(refusal);
    }
  }
  throw new NoPython(
    settings.interpreter
      ? `This is no Python that can run the server: ${refusals[0]}.`
      : `nonegrad needs Python ${OLDEST.join(".")} or newer, and none was found: ${refusals.join("; ")}.`,
  );
}

/**
 * The interpreter that the user's programs run with, where the user chose one: its packages are
 * looked into, also where it is too old to run the server.
 */
export async function environment(): Promise<string | undefined> {
  const chosen = (await chosenCandidates()).find(({ command }) => path.isAbsolute(command));
  return chosen?.command;
}

/** Calls back when the user chooses another environment in the Python extension. */
export async function onEnvironmentChange(changed: () => void): Promise<vscode.Disposable> {
  const api = await pythonExtension();
  return api?.environments.onDidChangeActiveEnvironmentPath(changed) ?? new vscode.Disposable(() => {});
}

/** The part of the Python extension's API that is used here. */
interface PythonExtension {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly path: string };
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

async function pythonExtension(): Promise<PythonExtension | undefined> {
  const extension = vscode.extensions.getExtension<Partial<PythonExtension>>("ms-python.python");
  const api = await extension?.activate();
  return api?.environments === undefined ? undefined : (api as PythonExtension);
}

async function candidates(): Promise<Candidate[]> {
  const named = process.platform === "win32" ? ["python", "py"] : ["python3", "python"];
  return [...(await chosenCandidates()), ...named.map((command) => ({ command, source: "on the PATH" }))];
}

async function chosenCandidates(): Promise<Candidate[]> {
  const api = await pythonExtension();
  const active = api?.environments.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri).path;
  const configured = vscode.workspace.getConfiguration("python").get<string>("defaultInterpreterPath");
  return [
    ...(active ? [{ command: active, source: "chosen in the Python extension" }] : []),
    ...(configured ? [{ command: expand(configured), source: "setting python.defaultInterpreterPath" }] : []),
  ];
}

/** Asks a Python what it is. Throws with a reason that reads on after its name and a colon. */
async function probe(command: string, launcher: string): Promise<Python> {
  const answer = parse(await run(command, [launcher, "--probe"]));
  const [major, minor] = answer.version;
  const version = answer.version.join(".");
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new Error(`it is Python ${version}, older than ${OLDEST.join(".")}`);
  }
  return { path: answer.executable || command, version, own: answer.own === true, libcst: answer.libcst === true };
}

interface Probe {
  readonly version: readonly [number, number, number];
  readonly executable: string | null;
  readonly own?: boolean;
  readonly libcst?: boolean;
}

function parse(text: string): Probe {
  try {
    return JSON.parse(text) as Probe;
  } catch {
    throw new Error("what it printed is not what a Python prints");
  }
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: PROBE_TIMEOUT_MS, windowsHide: true }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (error.code === "ENOENT") return reject(new Error("there is no such program"));
      if (error.killed) return reject(new Error(`no answer within ${PROBE_TIMEOUT_MS / 1000} s`));
      const last = stderr.trim().split("\n").at(-1);
      return reject(new Error(`it ended with ${error.signal ?? `status ${error.code}`}${last ? `: ${last}` : ""}`));
    });
  });
}
