import * as readline from "node:readline";
import * as vscode from "vscode";
import { type Executable, LanguageClient, type LanguageClientOptions, State } from "vscode-languageclient/node";

import { environment, findPython, NoPython, type Python } from "./python";
import { launchSettings, SECTION, serverSettings } from "./settings";

export const DOCUMENTS = [
  { scheme: "file", language: "python" },
  { scheme: "untitled", language: "python" },
  { scheme: "vscode-notebook-cell", language: "python" },
];

/** The one language server of this window: started, stopped and started anew, never twice at once. */
export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private python: Python | undefined;
  private running: Promise<void> = Promise.resolve();
  private restartWaits = false;
  private readonly status: vscode.LanguageStatusItem;

  constructor(
    private readonly launcher: string,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.status = vscode.languages.createLanguageStatusItem("nonegrad.server", DOCUMENTS);
    this.status.name = "nonegrad";
    this.status.command = { command: "nonegrad.showLog", title: "Show Log" };
  }

  /** Stops what runs and starts anew, unless a restart is already waiting for its turn. */
  restart(): Promise<void> {
    if (!this.restartWaits) {
      this.restartWaits = true;
      this.running = this.running.then(async () => {
        this.restartWaits = false;
        await this.stop();
        await this.start();
      });
    }
    return this.running;
  }

  /** How to call `nonegrad`'s command line with the Python that runs the server. */
  commandLine(): { readonly command: string; readonly args: readonly string[] } | undefined {
    return this.python && { command: this.python.path, args: [this.launcher] };
  }

  /** Asks the server something; undefined where it is not running. */
  async request<T>(method: string, params: object): Promise<T | undefined> {
    return this.client?.state === State.Running ? this.client.sendRequest<T>(method, params) : undefined;
  }

  /** Tells the server that its settings changed; it asks for them again. */
  async settingsChanged(): Promise<void> {
    if (this.client?.state === State.Running) {
      await this.client.sendNotification("workspace/didChangeConfiguration", { settings: null });
    }
  }

  /** Waits for the server to end, so that none outlives the window. */
  async dispose(): Promise<void> {
    this.running = this.running.then(() => this.stop());
    await this.running;
    this.status.dispose();
  }

  private async start(): Promise<void> {
    const settings = launchSettings();
    if (!settings.enable) {
      this.say("off (nonegrad.enable)", vscode.LanguageStatusSeverity.Information);
      return;
    }
    this.status.busy = true;
    try {
      this.python = await findPython(settings, this.launcher, this.log);
      this.client = this.makeClient(this.python, settings.args, await environment());
      await this.client.start();
      const { name, version } = this.client.initializeResult?.serverInfo ?? { name: "server" };
      this.log.info(`${name} ${version ?? ""} is running`);
      this.say(`Python ${this.python.version}`, vscode.LanguageStatusSeverity.Information);
      if (!this.python.libcst) this.offerLibcst(this.python);
    } catch (error) {
      // Not awaited: a message stays until the user answers, and a restart must not wait for that.
      void this.complain(error);
    } finally {
      this.status.busy = false;
    }
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = this.python = undefined;
    if (client === undefined) return;
    try {
      // A client whose server did not come up can only be disposed of.
      if (client.state === State.Running) await client.stop();
      await client.dispose();
    } catch (error) {
      this.log.warn(`the server did not end in order: ${error}`);
    }
  }

  private makeClient(python: Python, args: readonly string[], interpreter?: string): LanguageClient {
    const executable: Executable = {
      command: python.path,
      args: [this.launcher, "server", ...args],
      options: { env: { ...process.env, PYTHONUTF8: "1", PYTHONUNBUFFERED: "1" } },
    };
    // To the server `interpreter` means the Python whose packages count; unset, it is its own.
    const settings = (resource?: vscode.Uri) => ({ ...serverSettings(resource), interpreter });
    const options: LanguageClientOptions = {
      documentSelector: DOCUMENTS,
      outputChannel: this.log,
      initializationOptions: () => settings(),
      stdioOptions: { stdout: () => {}, stderr: forward },
      middleware: {
        workspace: {
          configuration: (request) =>
            request.items.map(({ section, scopeUri }) => {
              const resource = scopeUri === undefined ? undefined : vscode.Uri.parse(scopeUri);
              return section === SECTION
                ? settings(resource)
                : vscode.workspace.getConfiguration(undefined, resource).get(section ?? "");
            }),
        },
      },
    };
    return new LanguageClient(SECTION, SECTION, executable, options);
  }

  private say(text: string, severity: vscode.LanguageStatusSeverity): void {
    this.status.text = `nonegrad: ${text}`;
    this.status.severity = severity;
  }

  private async complain(error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    this.log.error(text);
    this.say("not running", vscode.LanguageStatusSeverity.Error);
    const message = error instanceof NoPython ? text : `The nonegrad server did not start: ${text}`;
    const answer = await vscode.window.showErrorMessage(message, "Choose a Python", "Show Log");
    if (answer === "Choose a Python") {
      await vscode.commands.executeCommand("workbench.action.openSettings", "nonegrad.interpreter");
    } else if (answer === "Show Log") {
      this.log.show();
    }
  }

  private offerLibcst(python: Python): void {
    const command = `"${python.path}" -m pip install "libcst>=1.5"`;
    const text = `No libcst for Python ${python.version}: findings and hovers work, rewrites are not offered.`;
    this.log.warn(`${text} To have them: ${command}`);
    void vscode.window.showWarningMessage(`${text} To have them, run: ${command}`, "Copy Command").then((answer) =>
      answer === undefined ? undefined : vscode.env.clipboard.writeText(command),
    );
  }
}

/** Puts what the server writes to stderr into the log, at the level that each line names. */
function forward(input: NodeJS.ReadableStream, log: vscode.LogOutputChannel): void {
  const lines = readline.createInterface({ input, crlfDelay: Infinity });
  lines.on("line", (line) => {
    if (/^(ERROR|CRITICAL|Traceback)\b/.test(line)) log.error(line);
    else if (/^WARNING\b/.test(line)) log.warn(line);
    else if (/^DEBUG\b/.test(line)) log.debug(line);
    else log.info(line);
  });
}
