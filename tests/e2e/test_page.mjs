// The page in real Chromium, against the real binary: its figures are the API's, a won deal moves
// them within a second, and it comes back after the suite was killed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Company, Suite, browser, openPage, root, until } from '../support/page.mjs';

const words = async (lang) =>
  (await import(pathToFileURL(join(root, `services/dashboard/web/src/lib/i18n/${lang}.ts`)).href))[lang];

// Every text of a language by its key; functions are asked with figures.
function texts(messages, path = '') {
  return Object.entries(messages).flatMap(([key, value]) => {
    const name = path ? `${path}.${key}` : key;
    if (typeof value === 'function') return [[name, String(value('7', '7')), true]];
    return typeof value === 'string' ? [[name, value, false]] : texts(value, name);
  });
}

const valueOf = (page, id) => page.getByTestId(id).first().getAttribute('data-value');
const numberOf = async (page, id) => {
  const text = await valueOf(page, id);
  return text === null || text === '' ? null : Number(text);
};

// What the API says of the period that the page shows. The funnel is the way to a win.
async function expected(suite, company, { period, from, to }) {
  const day = (text) => {
    const [year, month, date] = text.split('-').map(Number);
    return { year, month, day: date };
  };
  const ask = async (metrics, more) =>
    (await suite.post('/v1/metrics:query', { metrics, ...more })).rows ?? [];
  const value = (row, i) => row?.values[i].value ?? null;
  const { today } = await suite.get('/v1/company');
  const range = { from: day(from), to: day(to) };
  const flow = await ask(['attainment', 'revenue', 'win_rate'], { ...range, includeEmpty: true });
  const stock = await ask(['open'], { from: day(today), to: day(today), includeEmpty: true });
  const stages = await ask(['stage_entered'], { ...range, groupBy: ['stage'] });
  const board = await suite.get(`/v1/leaderboard?period=${period}&groupBy=rep&metric=revenue`);
  return {
    'kpi-attainment': value(flow[0], 0),
    'kpi-revenue': value(flow[0], 1),
    'kpi-win_rate': value(flow[0], 2),
    'kpi-open': value(stock[0], 0),
    funnel: Object.fromEntries(
      stages.map((row) => [row.groups[0].id, value(row, 0)]).filter(([id, n]) => n && id !== company.stageOf('LOST')),
    ),
    board: (board.rows ?? []).map(({ id, rank, revenue }) => ({ id, rank, revenue })),
  };
}

async function shown(page) {
  const figures = {};
  for (const id of ['kpi-attainment', 'kpi-revenue', 'kpi-win_rate', 'kpi-open']) {
    figures[id] = await numberOf(page, id);
  }
  const funnel = await page.getByTestId('funnel-row').evaluateAll((rows) =>
    rows.map((row) => [row.dataset.stage, Number(row.dataset.value)]).filter(([, n]) => n),
  );
  const board = await page.getByTestId('board-row').evaluateAll((rows) =>
    rows.map(({ dataset }) => ({ id: dataset.id, rank: Number(dataset.rank), revenue: Number(dataset.value) })),
  );
  return { ...figures, funnel: Object.fromEntries(funnel), board };
}

// Waits until page and API agree, for the counters follow the commands.
async function same(page, company, period) {
  let [is, should] = [];
  try {
    await until('equal figures', async () => {
      [is, should] = [await shown(page), await expected(company.suite, company, period)];
      assert.deepEqual(is, should);
      return true;
    });
  } catch {
    assert.deepEqual(is, should, `page and API differ for ${period.period}`);
  }
  return is;
}

function periods(today) {
  const [year, month] = today.split('-').map(Number);
  const quarter = Math.ceil(month / 3);
  const first = (m) => `${year}-${String(m).padStart(2, '0')}-01`;
  const last = (m) => new Date(Date.UTC(year, m, 0)).toISOString().slice(0, 10);
  return [
    { at: 0, period: today.slice(0, 7), from: first(month), to: last(month) },
    { at: 1, period: `${year}-Q${quarter}`, from: first(quarter * 3 - 2), to: last(quarter * 3) },
    { at: 2, period: `${year}`, from: first(1), to: last(12) },
  ];
}

const live = (page) =>
  until('the stream is live', async () => (await page.getByTestId('freshness').getAttribute('data-state')) === 'live', 20_000);

// Wins a prepared deal and waits for the page; from the reply to the figure.
async function winAndWatch(page, company, deal, amount) {
  const before = await numberOf(page, 'kpi-revenue');
  await company.win(deal, amount);
  const start = performance.now();
  await page.waitForFunction(
    (goal) => Number(document.querySelector('[data-testid=kpi-revenue]').dataset.value) === goal,
    before + amount,
    { polling: 16, timeout: 10_000 },
  );
  return performance.now() - start;
}

const noOverflow = async (page, what) => {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `${what} is ${over} px too wide`);
};

const tests = {
  async 'an empty suite offers the next step'({ page }) {
    await page.getByTestId('empty').waitFor();
    assert.equal(await valueOf(page, 'kpi-revenue'), '0');
    assert.equal(await valueOf(page, 'kpi-attainment'), '', 'no target is no value, never 0');
    assert.equal(await valueOf(page, 'kpi-win_rate'), '', 'nothing closed is no value, never 0');
  },

  async 'figures are the API\'s by month, quarter and year'({ page, suite, state }) {
    const company = (state.company = await Company.create(suite));
    const [last] = company.stages.filter(({ kind }) => kind === 'STAGE_KIND_OPEN').slice(-1);
    for (const [rep, amount] of [[0, 1500], [1, 4200], [2, 800], [1, 1300]]) {
      await company.win(await company.deal(rep, rep % 2), amount);
    }
    await company.lose(await company.deal(0, 0, 500));
    await company.lose(await company.deal(3, 1, 700));
    for (const rep of [0, 1, 2, 3]) await company.deal(rep, 0);
    state.ready = [];
    for (const rep of [2, 3, 3]) state.ready.push(await company.advance(await company.deal(rep, 1), last.id));
    await live(page);
    state.periods = periods(company.today);
    for (const period of state.periods) {
      const { at } = period;
      await page.locator('fieldset').filter({ has: page.locator('input[value=quarter]') }).locator('label').nth(at).click();
      const figures = await same(page, company, period);
      assert.equal(figures['kpi-revenue'], 7800);
      assert.equal(figures['kpi-attainment'], 7800 / 20_000 / [1, 3, 12][at]);
      assert.equal(figures['kpi-win_rate'], 4 / 6);
      assert.equal(figures['kpi-open'], 7);
      assert.equal(figures.board[0].id, company.reps[1]);
    }
    await page.locator('input[value=month]').evaluate((input) => input.click());
    assert.equal(await page.getByTestId('empty').count(), 0, 'the empty state has gone');
  },

  async 'a team is the sum of its members'({ page }) {
    const rows = page.getByTestId('unit-row');
    await until('two teams', async () => (await rows.count()) === 2);
    await rows.first().getByRole('button').first().click();
    assert.equal(await page.getByTestId('member-row').count(), 2);
    const sum = await page.locator('tr.sum td').first().textContent();
    assert.equal(sum, await rows.first().locator('td').first().textContent());
    assert.equal(await rows.first().getAttribute('data-value'), '7000');
  },

  async 'a won deal moves the page within a second of the reply'({ page, suite, state }) {
    const took = await winAndWatch(page, state.company, state.ready.pop(), 3300);
    console.log(`    ${took.toFixed(0)} ms from the reply to the figure`);
    assert.ok(took < 1000, `${took} ms`);
    await same(page, state.company, state.periods[0]);
  },

  async 'every figure is explained by its facts'({ page }) {
    for (const [tile, revenue] of [['kpi-revenue', true], ['kpi-win_rate', false]]) {
      await page.getByTestId(tile).getByTestId('explain').click();
      const explained = page.getByTestId('explained');
      await explained.waitFor();
      assert.equal(await explained.getAttribute('data-value'), await valueOf(page, tile));
      assert.equal(await page.getByTestId('panel').locator('.check.bad').count(), 0, 'it re-evaluates to itself');
      const facts = await page.getByTestId('panel').locator('tbody tr').count();
      assert.ok(revenue ? facts === 5 : facts >= 7, `${facts} facts`);
      await page.keyboard.press('Escape');
      await until('closed', async () => (await page.locator('dialog[open]').count()) === 0);
    }
  },

  async 'a deal shows its way through the stages'({ page, state }) {
    await page.getByTestId('change-row').first().getByRole('button').click();
    const way = page.getByTestId('timeline').locator('li');
    await way.first().waitFor();
    assert.equal(await way.count(), state.company.stages.filter(({ kind }) => kind !== 'STAGE_KIND_LOST').length);
    await page.keyboard.press('Escape');
  },

  async 'charts have a table twin'({ page }) {
    for (const id of ['trend', 'funnel', 'leaderboard']) {
      const button = page.getByTestId(`${id}-twin`);
      await button.click();
      assert.ok((await page.getByTestId(id).first().locator('tbody tr').count()) > 1, id);
      await button.click();
    }
    await page.getByTestId('trend').locator('svg path').first().waitFor({ state: 'attached' });
  },

  async 'both languages have every text'({ page }) {
    const [en, zh] = [texts(await words('en')), texts(await words('zh'))];
    assert.deepEqual(zh.map(([key]) => key), en.map(([key]) => key));
    for (const [key, text, made] of zh) {
      assert.ok(/[㐀-鿿]/.test(text) || (made && !/[a-z]{2}/i.test(text)), `zh ${key}: ${text}`);
    }
    for (const [key, text] of en) assert.ok(!/[㐀-鿿]/.test(text), `en ${key}: ${text}`);

    const seen = () =>
      page.evaluate(() => {
        const found = [];
        const walker = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) found.push(walker.currentNode.textContent.trim());
        for (const node of document.querySelectorAll('[aria-label],[title],[placeholder]')) {
          for (const name of ['aria-label', 'title', 'placeholder']) found.push(node.getAttribute(name) ?? '');
        }
        return found.filter(Boolean);
      });
    const fixed = (list) => new Set(list.filter(([, , made]) => !made).map(([, text]) => text));
    const toggle = page.getByTestId('language-toggle');
    const english = await seen();
    await toggle.getByText('中文').click();
    await until('Chinese', async () => (await page.title()) === '销售绩效');
    assert.equal(await page.getAttribute('html', 'lang'), 'zh-CN');
    const chinese = await seen();
    const left = (list, other) => list.filter((text) => fixed(other).has(text));
    assert.deepEqual(left(chinese, en), [], 'English left on the Chinese page');
    assert.deepEqual(left(english, zh), [], 'Chinese left on the English page');
    assert.ok(chinese.filter((text) => /[㐀-鿿]/.test(text)).length > 60);
    for (const text of [...english, ...chinese]) {
      assert.ok(!/undefined|NaN|\[object|null/.test(text), text);
    }
    await toggle.getByText('English').click();
    await until('English', async () => (await page.title()) === 'Sales performance');
  },

  async 'it works with the keyboard'({ page }) {
    await page.reload();
    await page.getByTestId('board-row').first().waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#figures');
    const explain = page.getByTestId('kpi-open').getByTestId('explain');
    await explain.focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('explained').waitFor();
    await page.keyboard.press('Escape');
    await until('focus is back', () => explain.evaluate((node) => node === document.activeElement));
  },

  async 'a person sees their own figures'({ page, suite, state }) {
    await page.getByTestId('person').click();
    await page.keyboard.type('P1B');
    await page.keyboard.press('Enter');
    await until('own revenue', async () => (await numberOf(page, 'kpi-revenue')) === 5500);
    const scope = (await fetch(`${suite.url}/v1/company`, { headers: { 'X-Spm-As': state.company.reps[1] } }).then((answer) => answer.json())).scope;
    assert.equal(scope, 'own');
    await page.getByTestId('person').click();
    await page.keyboard.press('Home');
    await page.getByRole('option').first().click();
    await until('all of it', async () => (await numberOf(page, 'kpi-revenue')) === 11_100);
  },

  async 'nothing is wider than a phone'({ chromium, suite }) {
    for (const [lang, theme] of [['zh', 'light'], ['en', 'dark']]) {
      const phone = await openPage(chromium, suite, { lang, theme, width: 360, height: 740 });
      await phone.getByTestId('board-row').first().waitFor();
      await noOverflow(phone, lang);
      for (const id of ['trend', 'funnel', 'leaderboard']) await phone.getByTestId(`${id}-twin`).click();
      await phone.getByTestId('unit-row').first().getByRole('button').first().click();
      await noOverflow(phone, `${lang}, tables`);
      await phone.getByTestId('kpi-revenue').getByTestId('explain').click();
      await phone.getByTestId('explained').waitFor();
      await noOverflow(phone, `${lang}, explanation`);
      assert.deepEqual(phone.faults, []);
      await phone.context().close();
    }
  },

  async 'the stream recovers from a killed suite'({ page, suite, state }) {
    assert.deepEqual(page.faults, [], 'nothing complained so far');
    await live(page);
    await suite.kill();
    await until('not live any more', async () => (await page.getByTestId('freshness').getAttribute('data-state')) !== 'live');
    assert.equal(await numberOf(page, 'kpi-revenue'), 11_100, 'what was known stays');
    await suite.run();
    await live(page);
    await same(page, state.company, state.periods[0]);
    const took = await winAndWatch(page, state.company, state.ready.pop(), 250);
    assert.ok(took < 1000, `${took} ms after the restart`);
    assert.deepEqual(page.faults.filter((text) => !/ERR_|Failed to load resource/.test(text)), []);
  },
};

const suite = await Suite.start();
const chromium = await browser();
const page = await openPage(chromium, suite, { lang: 'en' });
const context = { suite, chromium, page, state: {} };
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test(context);
    console.log(`ok   ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL ${name}\n${error.stack}`);
    await page.screenshot({ path: join(suite.folder, '..', 'spm-page-failure.png') }).catch(() => {});
  }
}
if (failed) suite.showLog();
await chromium.close();
await suite.remove();
console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
