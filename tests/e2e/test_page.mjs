// The page in real Chromium, against the real binary: its figures are the API's, a won deal moves
// them within a second, and it comes back after the suite was killed.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { live, numberOf, periodsOf, same, sellSome, valueOf, winAndWatch } from '../support/figures.mjs';
import { Company, Suite, browser, openPage, root, runTests, until } from '../support/page.mjs';

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

const tests = {
  async 'an empty suite offers the next step'({ page }) {
    await page.getByTestId('empty').waitFor();
    await page.getByTestId('kpi-revenue').waitFor();
    assert.equal(await valueOf(page, 'kpi-revenue'), '0');
    assert.equal(await valueOf(page, 'kpi-attainment'), '', 'no target is no value, never 0');
    assert.equal(await valueOf(page, 'kpi-win_rate'), '', 'nothing closed is no value, never 0');
  },

  async 'figures are the API\'s by month, quarter and year'({ page, suite, state }) {
    const company = (state.company = await Company.create(suite));
    state.ready = await sellSome(company);
    await live(page);
    state.periods = periodsOf(company.today);
    for (const [at, period] of state.periods.entries()) {
      await page.getByTestId('period-kind').locator('label').nth(at).click();
      const figures = await same(page, company, period);
      assert.deepEqual(figures.tiles, [7800 / 20_000 / [1, 3, 12][at], 7800, 4 / 6, 9]);
      assert.equal(figures.board[0].id, company.reps[1]);
      assert.equal(figures.stalled[0], 2);
    }
    await page.getByTestId('period-kind').locator('label').first().click();
    assert.equal(await page.getByTestId('empty').count(), 0, 'the empty state has gone');
  },

  async 'it is compared with the period before, or the same a year before'({ page }) {
    const compare = page.getByTestId('compare').locator('label');
    assert.deepEqual((await compare.allTextContents()).map((text) => text.trim()), ['Previous month (MoM)', 'Same month last year (YoY)']);
    const was = () => page.getByTestId('kpi-revenue').locator('.was').textContent();
    const before = await was();
    await compare.nth(1).click();
    await until('another period', async () => (await was()) !== before);
    assert.match(page.url(), /compare=year/);
    await page.goBack();
    await until('the period before again', async () => (await was()) === before);
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
      assert.match(await page.getByTestId('explained-freshness').textContent(), /as of .*\d\d:\d\d/);
      assert.equal(await explained.getAttribute('data-value'), await valueOf(page, tile));
      assert.equal(await page.getByTestId('panel').locator('.check.bad').count(), 0, 'it re-evaluates to itself');
      const facts = await page.getByTestId('panel').locator('tbody tr').count();
      assert.ok(revenue ? facts === 5 : facts >= 7, `${facts} facts`);
      await page.keyboard.press('Escape');
      await until('closed', async () => (await page.locator('dialog[open]').count()) === 0);
    }
  },

  async 'what is behind a figure is asked by pressing on it'({ page, state }) {
    const twin = page.getByTestId('funnel-twin');
    for (const [part, figures] of [['leaderboard', 2], ['funnel', 2], ['units', 4], ['trend', 2]]) {
      const found = page.getByTestId(part).getByTestId('figure');
      for (let i = 0; i < figures; i++) {
        const says = await found.nth(i).evaluate((node) => (node.querySelector('strong') ?? node).textContent.trim());
        await found.nth(i).click();
        const explained = page.getByTestId('explained');
        await explained.waitFor();
        const value = await explained.getAttribute('data-value');
        const digits = Number(says.replace(/[^\d.]/g, ''));
        const meant = says.includes('%') ? Number(value) * 100 : Number(value);
        assert.ok(says === '–' ? value === '' : Math.abs(digits - meant) < 0.51, `${part}: ${says} is explained as ${value}`);
        assert.equal(await page.getByTestId('panel').locator('.check.bad').count(), 0);
        await page.keyboard.press('Escape');
        await until('closed', async () => (await page.locator('dialog[open]').count()) === 0);
      }
    }
    // A press on the drawing explains the point under it.
    await page.getByTestId('trend-twin').click();
    const plot = page.getByTestId('trend').locator('[role=img]');
    await plot.locator('svg path').first().waitFor({ state: 'attached' });
    const { width } = await plot.boundingBox();
    await plot.click({ position: { x: width * 0.12, y: 150 } });
    await page.getByTestId('explained').waitFor();
    assert.match(await page.getByTestId('panel').locator('h2').textContent(), /Revenue · 1 .*/);
    await page.keyboard.press('Escape');
    assert.equal(await twin.getAttribute('aria-pressed'), 'false');
    assert.ok(state.company);
  },

  async 'a deal shows its way through the stages, and has an address'({ page, state }) {
    await page.getByTestId('change-row').first().getByRole('button').first().click();
    const way = page.getByTestId('timeline').locator('li');
    await way.first().waitFor();
    assert.equal(await way.count(), state.company.stages.filter(({ kind }) => kind !== 'STAGE_KIND_LOST').length);
    assert.match(page.url(), /deal=/);
    await page.reload();
    await way.first().waitFor();
    await page.keyboard.press('Escape');
    await until('closed', async () => !page.url().includes('deal='));
    await page.goForward();
    await way.first().waitFor();
    await page.goBack();
    await until('closed by the back button', async () => (await page.locator('dialog[open]').count()) === 0);
  },

  async 'a target that is missing leads to how to set one'({ page }) {
    await page.getByTestId('period').click();
    await page.getByTestId('period-picker').getByRole('button').first().click();
    await page.getByTestId('period-picker').locator('.choice').first().click();
    await page.getByTestId('set-target').click();
    const panel = page.getByTestId('panel');
    await until('the call', async () => /TARGET_SUBJECT_COMPANY/.test(await panel.textContent()));
    await page.keyboard.press('Escape');
  },

  async 'a period without figures leads to the newest with some'({ page }) {
    assert.match(page.url(), /period=\d{4}-01/);
    await page.getByTestId('empty-period').getByRole('button').click();
    await until('figures', async () => (await numberOf(page, 'kpi-revenue')) === 11_100);
    assert.equal(await page.getByTestId('empty-period').count(), 0);
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
await runTests(tests, { suite, chromium, page, state: {} });
