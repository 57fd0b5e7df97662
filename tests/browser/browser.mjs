// Starts the program on a free port with a folder of its own, and Chromium beside it.
import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const PASSWORD = 'huiyin-demo';
export const SCREENSHOTS = join(here, '../../docs/screenshots');

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// The program with the demonstration's data, or the one at HUIYIN_URL; with `config`, what its file says.
async function startServer({ config } = {}) {
  if (process.env.HUIYIN_URL) return { url: process.env.HUIYIN_URL, stop: async () => {} };
  const binary = process.env.HUIYIN_BIN;
  if (!binary) throw new Error('set HUIYIN_BIN to the built program');
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'huiyin-browser-'));
  const env = { ...process.env, HUIYIN_LISTEN: `127.0.0.1:${port}`, HUIYIN_DATA_DIR: join(folder, 'data'), HUIYIN_METRICS_LISTEN: 'off' };
  const file = join(folder, 'huiyin.toml');
  if (config) writeFileSync(file, config);
  const child = spawn(binary, ['serve', '--demo', ...(config ? ['--config', file] : [])], { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => { log += part; });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  const until = Date.now() + 120_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the program ended:\n${log}`);
    try {
      const answer = await fetch(`${url}/login`);
      if (answer.ok) break;
    } catch { /* not yet */ }
    if (Date.now() > until) { child.kill(); throw new Error(`the program did not come up:\n${log}`); }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startBrowser() {
  const profile = mkdtempSync(join(tmpdir(), 'huiyin-chromium-'));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      `--disk-cache-dir=${profile}`,
    ],
  });
  return { browser, stop: async () => { await browser.close(); rmSync(profile, { recursive: true, force: true }); } };
}

// Walks on a server and in a browser started for it; ends with what was found, as the program's exit code too.
export async function walk(faults, work, options) {
  const server = await startServer(options);
  const chromium = await startBrowser();
  try {
    await work(chromium.browser, server.url);
  } catch (error) {
    faults.push(error.stack);
  } finally {
    await chromium.stop();
    await server.stop();
  }
  const unique = [...new Set(faults)];
  for (const fault of unique) console.error(fault);
  console.error(unique.length ? `${unique.length} faults` : 'no faults');
  process.exitCode = unique.length ? 1 : 0;
}

// A person at a browser of a width, with or without script.
export class Person {
  constructor(page, url, width, script, faults) {
    Object.assign(this, { page, url, width, script, faults, seen: new Set() });
  }

  static async signIn(browser, url, login, { width = 1440, script = true, language = 'zh', faults }) {
    const context = await browser.newContext({
      viewport: { width, height: width < 600 ? 844 : 900 },
      javaScriptEnabled: script,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      reducedMotion: 'reduce',
    });
    await context.addCookies([{ name: 'huiyin_language', value: language, url }]);
    // ASSETS=1: styles and script from the tree, so that a change of them needs no build.
    if (process.env.ASSETS) {
      await context.route(/\/static\/(css|js)\//, (route) => {
        const file = new URL(route.request().url()).pathname.replace('/static/', '').replace(/\.[0-9a-f]{8,}\./, '.');
        // The script's words stand in the program.
        return file.startsWith('js/app') ? route.continue() : route.fulfill({ path: join(here, '../../assets', file) });
      });
    }
    const page = await context.newPage();
    const person = new Person(page, url, width, script, faults);
    page.on('console', (message) => {
      // A form that is refused answers 422, and Chromium says so.
      if (message.type() === 'error' && !message.text().includes('status of 422')) faults.push(`${login} ${page.url()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => faults.push(`${login} ${page.url()}: ${error.message}`));
    await page.goto(`${url}/login`);
    await page.fill('#u', login);
    await page.fill('#p', PASSWORD);
    await person.submit(page.locator('form[action="/login"] button[type=submit]'));
    if (page.url().includes('/login')) throw new Error(`${login} was not let in: ${await page.textContent('main')}`);
    return person;
  }

  async go(path) {
    const answer = await this.page.goto(this.url + path);
    if (!answer.ok()) this.faults.push(`${path}: ${answer.status()}`);
    await this.check(path);
  }

  // Presses a button and waits for the page it leads to.
  async submit(button) {
    await Promise.all([this.page.waitForNavigation(), button.click()]);
  }

  // The form of a command; its fold is opened where it has one.
  async form(action) {
    const form = this.page.locator(`form[action="${action}"]`).first();
    await form.waitFor({ state: 'attached' });
    const fold = this.page.locator('details', { has: this.page.locator(`form[action="${action}"]`) }).first();
    if (await fold.count() && !(await fold.evaluate((node) => node.open))) await fold.locator('summary').first().click();
    return form;
  }

  async leave() { await this.page.context().close(); }

  // No sideways scroll on a phone; nothing axe finds. Without script axe cannot run, and the page is the same.
  async check(name) {
    const key = `${name.replace(/\d{8}-\d+/, '{no}')} ${this.width} ${this.script}`;
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (!this.script) return;
    if (this.width < 600) {
      const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wide > 0) this.faults.push(`${name} at ${this.width}: ${wide} px too wide`);
    }
    // A theme fades in; a colour on its way is no colour to measure.
    await this.page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
    await this.page.waitForTimeout(50);
    // Run in the page's own world: the content policy forbids script added to the page.
    const found = await this.page.evaluate(`(() => { ${axeSource}; return axe.run(document, { resultTypes: ['violations'] }); })()`);
    if (!found.passes.length) this.faults.push(`axe ${name}: nothing was looked at`);
    for (const one of found.violations) {
      const where = one.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.failureSummary?.split('\n')[1] ?? ''}`).join(' | ');
      this.faults.push(`axe ${name} at ${this.width}: ${one.id} (${one.impact}) ${one.help}: ${where}`);
    }
  }

  async shot(name) {
    if (!process.env.SCREENSHOTS || !this.script) return;
    const folder = process.env.SCREENSHOTS === '1' ? SCREENSHOTS : process.env.SCREENSHOTS;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}${this.width < 600 ? '-mobile' : ''}.png`) });
  }
}
