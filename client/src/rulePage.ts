import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as vscode from "vscode";

import type { Server } from "./server";

const SCHEME = "nonegrad-rule";

/** Rule pages as read-only Markdown documents, written by the server's own command line. */
export class RulePages implements vscode.TextDocumentContentProvider {
  private readonly pages = new Map<string, string>();

  constructor(private readonly server: Server) {}

  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.pages.get(uri.path) ?? "";
  }

  /** Shows the page of a rule; without a name, of the one that the user picks. */
  async show(name?: string): Promise<void> {
    const rule = name ?? (await this.pick());
    if (rule === undefined) return;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${rule}.md` });
    this.pages.set(uri.path, await this.nonegrad("rule", rule));
    await vscode.commands.executeCommand("markdown.showPreview", uri);
  }

  private async pick(): Promise<string | undefined> {
    const rules = JSON.parse(await this.nonegrad("rule", "--output-format", "json")) as readonly Rule[];
    const items = rules.map(({ name, severity, summary }) => ({ label: name, description: severity, detail: summary }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: "The rule to read about", matchOnDetail: true });
    return picked?.label;
  }

  private async nonegrad(...args: readonly string[]): Promise<string> {
    const line = this.server.commandLine();
    if (line === undefined) throw new Error("The nonegrad server is not running; its log says why.");
    const { stdout } = await promisify(execFile)(line.command, [...line.args, ...args], { windowsHide: true });
    return stdout;
  }
}

interface Rule {
  readonly name: string;
  readonly summary: string;
  readonly severity: string;
}
