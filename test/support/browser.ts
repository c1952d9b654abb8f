import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** How a page is looked at. */
export interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

/** A browser without a window. */
export interface Browser {
  /** A picture of a page, as PNG; and how wide its contents are. */
  photograph(html: string, look: Look): Promise<{ png: Buffer; contentWidth: number }>;
  close(): Promise<void>;
}

/** Pixels; of a longer page its beginning is photographed. */
const TALLEST = 2_600;

type Answer = Readonly<Record<string, unknown>>;

/** Starts Chromium and speaks to it through a pipe (Chrome DevTools Protocol, messages end with a NUL). */
export async function startBrowser(program = process.env.CHROMIUM ?? 'chromium'): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'tidemark-browser-'));
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--hide-scrollbars',
    '--remote-debugging-pipe',
  ];
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const call = caller(child);
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  const page = (method: string, params: object = {}) => call(method, params, sessionId as string);
  return {
    async photograph(html, { width, scheme }) {
      await page('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: scheme }],
      });
      await page('Emulation.setDeviceMetricsOverride', {
        width,
        height: 400,
        deviceScaleFactor: 1,
        mobile: width < 500,
      });
      const { frameTree } = await page('Page.getFrameTree');
      const { frame } = frameTree as { frame: { id: string } };
      await page('Page.setDocumentContent', { frameId: frame.id, html });
      // Pictures inside the page are decoded before it is photographed.
      const ready = 'Promise.all([...document.images].map((image) => image.decode().catch(() => {})))';
      await page('Runtime.evaluate', { expression: ready, awaitPromise: true });
      const { cssContentSize } = await page('Page.getLayoutMetrics');
      const { width: contentWidth, height } = cssContentSize as { width: number; height: number };
      const clip = { x: 0, y: 0, width, height: Math.min(height, TALLEST), scale: 1 };
      const { data } = await page('Page.captureScreenshot', {
        format: 'png',
        captureBeyondViewport: true,
        clip,
      });
      return { png: Buffer.from(data as string, 'base64'), contentWidth };
    },
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await call('Browser.close').catch(() => child.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function caller(child: ChildProcess) {
  const [, , , to, from] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  let unread = '';
  let last = 0;
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (unread + text).split('\0');
    unread = messages.pop() ?? '';
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message);
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(new Error(error.message));
    }
  });
  const fail = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', fail).on('exit', () => fail(new Error('The browser has ended')));
  return (method: string, params: object = {}, sessionId?: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      to.write(`${JSON.stringify({ id: last, method, params, sessionId })}\0`);
    });
}
