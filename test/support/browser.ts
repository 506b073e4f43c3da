import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'undici';

export const hasChromium = ((): boolean => {
  try {
    execFileSync('chromium', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

type Answer = Record<string, unknown>;

/** Chromium without a window, driven by the protocol of its developer tools. It has one page. */
export class Browser {
  /** What the page has complained about: exceptions, and what its policy has blocked. */
  readonly complaints: string[] = [];
  #count = 0;
  readonly #asked = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly socket: WebSocket,
  ) {
    socket.addEventListener('message', ({ data }) => this.#hear(String(data)));
  }

  static async open(url: string, size = { width: 1280, height: 800 }): Promise<Browser> {
    const folder = mkdtempSync(join(tmpdir(), 'pkgserver-test-browser-'));
    const child = spawn(
      'chromium',
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...[`--user-data-dir=${folder}`, `--window-size=${size.width},${size.height}`, '--remote-debugging-port=0'],
        'about:blank',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const socket = new WebSocket(await pageOf(await debuggerOf(child)));
    await once(socket as unknown as EventTarget, 'open');
    const browser = new Browser(child, folder, socket);
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.#ask(`${domain}.enable`);
    await browser.#ask('Page.navigate', { url });
    return browser;
  }

  /** What an expression of JavaScript gives in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.#ask('Runtime.evaluate', asked);
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  }

  /** As on a screen of this width, in CSS pixels, of somebody who likes it so. */
  async appear({ width, height, scheme }: { width: number; height: number; scheme: 'light' | 'dark' }): Promise<void> {
    await this.#ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.#ask('Emulation.setEmulatedMedia', { features });
  }

  /** A PNG of what the page shows; `whole`: also of what is below the screen. */
  async screenshot(whole = false): Promise<Buffer> {
    const { data } = await this.#ask('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
    return Buffer.from(String(data), 'base64');
  }

  async close(): Promise<void> {
    this.socket.close();
    const ended = once(this.process, 'close');
    this.process.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #ask(method: string, params: object = {}): Promise<Answer> {
    const id = (this.#count += 1);
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #hear(text: string): void {
    const { id, result, error, method, params } = JSON.parse(text) as {
      id?: number;
      result?: Answer;
      error?: object;
      method?: string;
      params?: Answer;
    };
    const isComplaint = method === 'Runtime.consoleAPICalled' && params?.type === 'error';
    if (method === 'Runtime.exceptionThrown' || isComplaint) this.complaints.push(JSON.stringify(params));
    if (method === 'Log.entryAdded') {
      const entry = params?.entry as { level: string; text: string };
      if (entry.level === 'error') this.complaints.push(entry.text);
    }
    if (id === undefined) return;
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (error) asked?.reject(new Error(JSON.stringify(error)));
    else asked?.resolve(result ?? {});
  }
}

/** Where it listens, as it says. */
async function debuggerOf(child: ChildProcess): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString();
      const [, port] = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said) ?? [];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
    child.once('close', () => reject(new Error(`chromium has ended: ${said}`)));
  });
}

async function pageOf(debugging: string): Promise<string> {
  const targets = (await (await fetch(`${debugging}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const page = targets.find(({ type }) => type === 'page');
  if (!page) throw new Error('chromium has no page');
  return page.webSocketDebuggerUrl;
}
