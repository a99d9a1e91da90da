import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

import type { Server } from "./server";

/** The autograd graph of the function under the cursor, beside the editor; a click leads to a box's line. */
export class GraphView implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private places: Places = {};

  constructor(private readonly server: Server) {}

  async show(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return;
    const drawn = await this.server.request<Drawn | null>("nonegrad/graph", {
      textDocument: { uri: editor.document.uri.toString() },
      position: { line: editor.selection.active.line, character: editor.selection.active.character },
    });
    if (drawn === null || drawn === undefined) {
      void vscode.window.showInformationMessage("nonegrad finds no autograd graph in this file.");
      return;
    }
    this.places = drawn.places;
    const panel = (this.panel ??= this.open());
    panel.title = `Graph of ${drawn.title}`;
    panel.webview.html = page(drawn.svg);
    panel.reveal(undefined, true);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private open(): vscode.WebviewPanel {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel("nonegrad.graph", "Graph", column, {
      enableScripts: true,
      localResourceRoots: [],
    });
    panel.webview.onDidReceiveMessage((name: unknown) => this.go(String(name)));
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }

  private async go(name: string): Promise<void> {
    const place = Object.hasOwn(this.places, name) ? this.places[name] : undefined;
    if (place === undefined) return;
    const { start, end } = place.range;
    const selection = new vscode.Range(start.line, start.character, end.line, end.character);
    const viewColumn = vscode.ViewColumn.One;
    await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), { selection, viewColumn });
  }
}

/** The drawing in a page that may run this one script and load nothing. */
function page(svg: string): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  // The drawing follows what the page takes for light or dark, and so does the ground under it.
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">
:root { color-scheme: light dark; } body { background: Canvas; } .box { cursor: pointer; }
</style>
</head>
<body>
${svg.replace("<style>", `<style nonce="${nonce}">`)}
<script nonce="${nonce}">
const editor = acquireVsCodeApi();
document.addEventListener("click", (event) => {
  const box = event.target.closest(".box");
  if (box) editor.postMessage(box.id);
});
</script>
</body>
</html>`;
}

type Places = Readonly<Record<string, Place>>;

interface Drawn {
  readonly title: string;
  readonly svg: string;
  readonly places: Places;
}

interface Place {
  readonly uri: string;
  readonly range: { readonly start: Position; readonly end: Position };
}

interface Position {
  readonly line: number;
  readonly character: number;
}
