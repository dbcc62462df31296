// Runs the real binary for the browser tests and talks to its JSON gateway; starts Chromium.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Asks until the answer is truthy; the last answer or error is in the complaint.
export async function until(what, ask, timeoutMs = 15_000) {
  const end = Date.now() + timeoutMs;
  let last;
  for (;;) {
    try {
      last = await ask();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not in ${timeoutMs} ms: ${what} (last: ${last})`);
    await sleep(25);
  }
}

function binary() {
  if (process.env.SPM_BIN) return process.env.SPM_BIN;
  const found = ['build/spm', 'build/release/spm', 'build/dev/spm'].find((path) => existsSync(join(root, path)));
  if (!found) throw new Error('no spm binary: build it, or set SPM_BIN');
  return join(root, found);
}

const free = (port) =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

// A port that is free together with the next one, which gRPC takes.
async function freePort() {
  for (;;) {
    const port = 20_000 + 2 * Math.floor(Math.random() * 6_000);
    if ((await free(port)) && (await free(port + 1))) return port;
  }
}

// One running `spm serve` with a folder of its own.
export class Suite {
  static async start(...args) {
    const suite = new Suite();
    suite.folder = mkdtempSync(join(tmpdir(), 'spm-page-'));
    suite.port = await freePort();
    suite.args = args;
    await suite.run();
    return suite;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async run() {
    const out = openSync(join(this.folder, 'test.out'), 'a');
    const args = ['serve', '--data', this.folder, '--port', String(this.port), ...this.args];
    const env = { ...process.env };
    delete env.SPM_DATA;
    const child = spawn(binary(), args, { stdio: ['ignore', out, out], env });
    this.ended = new Promise((resolve) => child.once('exit', resolve));
    this.process = child;
    await until('the suite is ready', async () => {
      if (child.exitCode !== null) throw new Error(`spm serve ended with ${child.exitCode}`);
      return (await fetch(`${this.url}/readyz`)).ok;
    }, 30_000).catch((error) => {
      this.showLog();
      throw error;
    });
  }

  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  async remove() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  showLog() {
    const lines = readFileSync(join(this.folder, 'test.out'), 'utf8').split('\n');
    console.log(lines.slice(-15).join('\n'));
  }

  get(path) {
    return this.#call(path, {});
  }

  post(path, body) {
    return this.#call(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  // A mutation, under an id of its own.
  command(path, body) {
    return this.post(path, { requestId: randomUUID(), ...body });
  }

  async #call(path, init) {
    const response = await fetch(this.url + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${text}`);
    return JSON.parse(text);
  }
}

// A small company: two regions with a team each, two reps in each team, two products, a target.
export class Company {
  static async create(suite) {
    const company = new Company();
    company.suite = suite;
    const { currency, today } = await suite.get('/v1/company');
    company.currency = currency;
    company.today = today;
    await company.#people();
    await company.#products();
    await company.#targets();
    const { policies } = await suite.get('/v1/policies/leads?kind=pipeline:default');
    policies.sort((a, b) => Number(b.version) - Number(a.version));
    company.stages = policies[0].body.stages;
    return company;
  }

  money(units) {
    return { currencyCode: this.currency, units: String(units), nanos: 0 };
  }

  async #unit(name, kind, parentId) {
    const unit = { name, kind: `UNIT_KIND_${kind}`, placements: parentId ? [{ parentId }] : [] };
    return (await this.suite.command('/v1/units', { unit })).id;
  }

  async #people() {
    const { units = [] } = await this.suite.get('/v1/units?kind=UNIT_KIND_COMPANY');
    const top = units[0]?.id ?? (await this.#unit('K0', 'COMPANY', ''));
    [this.reps, this.teams, this.regions] = [[], [], []];
    for (const n of [1, 2]) {
      const region = await this.#unit(`R${n}`, 'REGION', top);
      const team = await this.#unit(`T${n}`, 'TEAM', region);
      this.regions.push(region);
      this.teams.push(team);
      for (const letter of ['A', 'B']) {
        const person = {
          name: `P${n}${letter}`,
          roles: ['ROLE_REP'],
          memberships: [{ unitId: team, leads: false }],
        };
        this.reps.push((await this.suite.command('/v1/people', { person })).id);
      }
    }
  }

  async #products() {
    this.products = [];
    for (const [name, price] of [['X1', 900], ['X2', 2500]]) {
      const product = { name, line: 'L', listPrice: this.money(price) };
      this.products.push((await this.suite.command('/v1/products', { product })).id);
    }
  }

  async #targets() {
    const year = Number(this.today.slice(0, 4));
    const monthsMinor = Array.from({ length: 12 }, () => '2000000');
    const nodes = [{ subject: 'TARGET_SUBJECT_COMPANY', subjectId: '', parent: -1, monthsMinor }];
    await this.suite.command('/v1/targetPlans', { plan: { year, nodes } });
  }

  // `daysAgo` back-dates it, as a connector would.
  deal(rep, product, amount, daysAgo = 0) {
    const opportunity = {
      name: `#${randomUUID().slice(0, 4)}`,
      ownerId: this.reps[rep],
      productId: this.products[product],
      quantity: 1,
      ...(amount ? { amount: this.money(amount) } : {}),
    };
    const occurTime = new Date(Date.now() - daysAgo * 86_400_000).toISOString();
    return this.suite.command('/v1/opportunities', { opportunity, ...(daysAgo ? { occurTime } : {}) });
  }

  // Through the stages, their checklists done, up to the one named.
  async advance(deal, stage, more = {}) {
    const way = this.stages.filter(({ kind }) => kind !== 'STAGE_KIND_LOST');
    const from = way.findIndex(({ id }) => id === deal.stage);
    const to = way.findIndex(({ id }) => id === stage);
    for (let i = from; i < to; i++) {
      for (const { id: item } of way[i].checklist ?? []) {
        await this.suite.command(`/v1/opportunities/${deal.id}:completeItem`, { item });
      }
      deal = await this.suite.command(`/v1/opportunities/${deal.id}:advance`, {
        toStage: way[i + 1].id,
        ...(i + 1 === to ? more : {}),
      });
    }
    return deal;
  }

  teamOf(rep) {
    return this.teams[Math.floor(this.reps.indexOf(rep) / 2)];
  }

  stageOf(kind) {
    return this.stages.find((stage) => stage.kind === `STAGE_KIND_${kind}`).id;
  }

  win(deal, amount) {
    return this.advance(deal, this.stageOf('WON'), { amount: this.money(amount) });
  }

  lose(deal) {
    const toStage = this.stageOf('LOST');
    return this.suite.command(`/v1/opportunities/${deal.id}:advance`, { toStage, lostReason: 'price' });
  }
}

const require = createRequire(join(root, 'tools/package.json'));

export async function browser() {
  const { chromium } = require('playwright-core');
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
    ],
  });
}

// A page of the suite in one language, theme and width.
export async function openPage(
  chromium,
  suite,
  { lang, theme = 'light', width = 1440, height = 900, scale = 1, path = '/', motion = 'no-preference' },
) {
  const context = await chromium.newContext({
    viewport: { width, height },
    colorScheme: theme,
    deviceScaleFactor: scale,
    reducedMotion: motion,
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
  });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
  page.on('pageerror', (error) => page.faults.push(error.message));
  await page.addInitScript((chosen) => {
    if (!localStorage.getItem('spm.lang')) localStorage.setItem('spm.lang', chosen);
  }, lang);
  await page.goto(suite.url + path);
  await page.locator(`html[lang=${lang === 'zh' ? 'zh-CN' : 'en'}]`).waitFor({ state: 'attached' });
  return page;
}

// Runs tests one after another, with what they share, and ends the process with their result.
export async function runTests(tests, context) {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    const start = performance.now();
    try {
      await test(context);
      console.log(`ok   ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}\n${error.stack}`);
      const picture = join(tmpdir(), `spm-page-failure-${failed}.png`);
      await context.page.screenshot({ path: picture }).then(() => console.log(picture), () => {});
    }
  }
  if (failed) context.suite.showLog();
  await context.chromium.close();
  for (const one of Object.values(context)) if (one instanceof Suite) await one.remove();
  console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
