// How the page looks and is used: accessible and uncut in both languages and themes, from phone to desk,
// in each of its states; a deal and back by keyboard alone; still for those who want it still.
import assert from 'node:assert/strict';
import { sellSome } from '../support/figures.mjs';
import { accessible, focused, nothingCut } from '../support/looks.mjs';
import { Company, Suite, browser, openPage, runTests, until } from '../support/page.mjs';

const closed = (page) => until('closed', async () => (await page.locator('dialog[open]').count()) === 0);

const home = (page) => page.goto(new URL(page.url()).origin);

async function escape(page) {
  await page.keyboard.press('Escape');
  await closed(page);
}

// Each state of a filled page, with how to get there from home and back.
const states = {
  async home(page, check) {
    await check();
  },
  async 'tables open'(page, check) {
    const twins = ['trend', 'funnel', 'leaderboard'].map((id) => page.getByTestId(`${id}-twin`));
    for (const twin of twins) await twin.click();
    await page.getByTestId('unit-row').first().getByRole('button').first().click();
    await check();
    for (const twin of twins) await twin.click();
  },
  async 'an explanation'(page, check) {
    await page.getByTestId('kpi-win_rate').getByTestId('explain').click();
    await page.getByTestId('explained').waitFor();
    await check();
    await escape(page);
  },
  async 'a deal'(page, check) {
    await page.getByTestId('change-row').first().getByRole('button').first().click();
    await page.getByTestId('timeline').waitFor();
    await check();
    await escape(page);
  },
  async 'the calendar'(page, check) {
    await page.getByTestId('period').click();
    await page.getByTestId('period-picker').waitFor();
    await check();
    await page.keyboard.press('Escape');
  },
  async 'the people'(page, check) {
    await page.getByTestId('person').click();
    await page.getByRole('listbox').waitFor();
    await check();
    await page.keyboard.press('Escape');
  },
  async 'a person looked at'(page, check) {
    await page.getByTestId('leaderboard').getByTestId('focus').first().click();
    await page.getByTestId('deal-row').first().waitFor();
    await check();
    await page.getByTestId('crumbs').getByTestId('focus').first().click();
  },
  async 'a period without figures'(page, check) {
    await page.goto(`${new URL(page.url()).origin}/?period=2019-Q1`);
    await page.getByTestId('empty-period').waitFor();
    await check();
    await page.getByTestId('set-target').click();
    await page.getByTestId('panel').locator('code').first().waitFor();
    await check();
    await escape(page);
    await home(page);
  },
  async 'an answer that failed'(page, check) {
    await page.route('**/v1/metrics:query', (route) => route.fulfill({ status: 503, body: '{"message":"busy"}' }));
    await home(page);
    await page.getByTestId('error').first().waitFor();
    await check();
    await page.unroute('**/v1/metrics:query');
    await home(page);
  },
  async 'no server'(page, check) {
    await page.route('**/v1/**', (route) => route.abort());
    await page.reload();
    await page.getByTestId('error').first().waitFor();
    await check();
    await page.unroute('**/v1/**');
    await home(page);
  },
};

const settled = async (page) => {
  await page.evaluate(() => Promise.all(document.getAnimations().filter(({ effect }) => effect.getTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {}))));
};

async function look({ chromium, suite, empty }, view) {
  const page = await openPage(chromium, suite, view);
  const check = (name) => async () => {
    const what = `${name}, ${view.width} px`;
    await settled(page);
    await nothingCut(page, what);
    await accessible(page, what);
  };
  for (const [name, visit] of Object.entries(states)) {
    await page.getByTestId('board-row').first().waitFor();
    await visit(page, check(name));
  }
  await page.goto(empty.url);
  await page.getByTestId('empty').waitFor();
  await check('nothing yet')();
  await page.context().close();
}

const tests = {};
for (const lang of ['zh', 'en']) {
  for (const theme of ['light', 'dark']) {
    tests[`accessible and uncut on a desk and on a phone: ${lang}, ${theme}`] = (context) =>
      Promise.all([
        look(context, { lang, theme, width: 1440, height: 900 }),
        look(context, { lang, theme, width: 360, height: 740 }),
      ]);
  }
}

// Presses Tab until what is wanted has the focus; every stop on the way must be seen.
async function tabTo(page, what, wanted) {
  for (let stops = 1; stops < 150; stops++) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (!at) continue;
    assert.ok(at.visible, `focus cannot be seen on ${JSON.stringify(at)}`);
    if (wanted(at)) return at;
  }
  throw new Error(`Tab does not lead to ${what}`);
}

Object.assign(tests, {
  async 'by keyboard from the top to a deal and back'({ chromium, suite }) {
    const page = await openPage(chromium, suite, { lang: 'en' });
    await page.getByTestId('board-row').first().waitFor();
    const skip = await tabTo(page, 'the skip link', () => true);
    assert.equal(skip.text, 'Skip to the figures');
    await page.keyboard.press('Enter');
    const person = await tabTo(page, 'a person of the leaderboard', ({ testid, within }) => testid === 'focus' && within === 'board-row');
    await page.keyboard.press('Enter');
    await until('the person', async () => (await page.getByTestId('focused').textContent()) === person.text);
    await page.getByTestId('deal-row').first().waitFor();
    const deal = await tabTo(page, 'a deal', ({ within }) => within === 'deal-row');
    await page.keyboard.press('Enter');
    await page.getByTestId('timeline').waitFor();
    assert.equal(await page.evaluate(() => !!document.activeElement.closest('dialog')), true, 'focus is in the panel');
    await page.keyboard.press('Escape');
    await closed(page);
    await until('focus is back on the deal', async () => (await focused(page))?.row === deal.row);
    await page.keyboard.press('Home');
    await page.reload();
    await page.getByTestId('deal-row').first().waitFor();
    await tabTo(page, 'the way back', ({ testid, within }) => testid === 'focus' && within === 'crumbs');
    await page.keyboard.press('Enter');
    await until('everything', async () => (await page.getByTestId('crumbs').count()) === 0);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  },

  async 'periods and comparison by keyboard'({ chromium, suite }) {
    const page = await openPage(chromium, suite, { lang: 'en' });
    await page.getByTestId('board-row').first().waitFor();
    await page.getByTestId('period').focus();
    await page.keyboard.press('Enter');
    await until('the chosen one has the focus', () => page.evaluate(() => document.activeElement.getAttribute('aria-pressed') === 'true'));
    await page.keyboard.press('Escape');
    await until('focus is back', async () => (await focused(page))?.testid === 'period');
    await page.getByTestId('compare').locator('input').first().focus();
    await page.keyboard.press('ArrowRight');
    await until('a year before', async () => page.url().includes('compare=year'));
    await page.getByTestId('period-kind').locator('input').first().focus();
    await page.keyboard.press('ArrowRight');
    await until('the quarter', async () => page.url().includes('period=quarter'));
    await page.context().close();
  },

  async 'nothing moves for those who want it still'({ chromium, suite }) {
    const page = await openPage(chromium, suite, { lang: 'en', motion: 'reduce' });
    await page.getByTestId('board-row').first().waitFor();
    await page.getByTestId('kpi-revenue').getByTestId('explain').click();
    await page.getByTestId('explained').waitFor();
    const moving = await page.evaluate(() => document.getAnimations().filter(({ effect, playState }) => playState === 'running' && effect.getComputedTiming().duration > 50).length);
    assert.equal(moving, 0);
    await page.context().close();
  },
});

const [suite, empty] = await Promise.all([Suite.start(), Suite.start()]);
const chromium = await browser();
await sellSome(await Company.create(suite));
const page = await openPage(chromium, suite, { lang: 'en' });
await runTests(tests, { suite, empty, chromium, page });
