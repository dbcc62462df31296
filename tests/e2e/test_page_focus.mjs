// The way from the company down to a deal: each region, team and person narrows the whole page, has an
// address of its own, and moves as it happens.
import assert from 'node:assert/strict';
import { live, numberOf, periodsOf, same, sellSome, winAndWatch } from '../support/figures.mjs';
import { Company, Suite, browser, openPage, runTests, until } from '../support/page.mjs';

const crumbs = async (page) => (await page.getByTestId('crumbs').locator('li').allTextContents()).map((text) => text.trim());
const follow = (page, part, name) =>
  page.getByTestId(part).getByTestId('focus').filter({ hasText: name }).first().click();
const focusedOn = (page, name) =>
  until(`the page is about ${name}`, async () => (await page.getByTestId('focused').textContent()) === name);

const tests = {
  async 'the whole page is narrowed, with the API\'s figures at each step'({ page, state }) {
    const { company } = state;
    const [month, quarter, year] = periodsOf(company.today);
    await same(page, company, month);
    await page.getByTestId('units').getByText('Regions', { exact: true }).click();
    await follow(page, 'units', 'R1');
    await focusedOn(page, 'R1');
    const region = await same(page, company, month, { grain: 'region', id: company.regions[0] });
    assert.equal(region.tiles[1], 7000);
    assert.deepEqual(region.units.map(([id]) => id), [company.teams[0]]);
    await follow(page, 'units', 'T1');
    await focusedOn(page, 'T1');
    const team = { grain: 'team', id: company.teams[0] };
    assert.equal((await same(page, company, month, team)).board.length, 2);
    await page.getByTestId('period-kind').locator('label').nth(1).click();
    await same(page, company, quarter, team);
    await follow(page, 'units', 'P1B');
    await focusedOn(page, 'P1B');
    assert.deepEqual(await crumbs(page), ['Whole company', 'R1', 'T1', 'P1B Sales rep']);
    const rep = { grain: 'rep', id: company.reps[1] };
    const own = await same(page, company, quarter, rep);
    assert.equal(own.tiles[1], 5500);
    await page.getByTestId('period-kind').locator('label').nth(2).click();
    await same(page, company, year, rep);
    await page.getByTestId('period-kind').locator('label').first().click();
    await same(page, company, month, rep);
  },

  async 'a person has their deals, each with its way'({ page, suite, state }) {
    const owner = state.company.reps[1];
    for (const kind of ['open', 'won', 'lost']) {
      await page.getByTestId('deals').locator(`input[value=${kind}]`).evaluate((input) => input.click());
      const path = `/v1/opportunities?ownerId=${owner}&stageKind=STAGE_KIND_${kind.toUpperCase()}&byStageTime=true`;
      const { opportunities = [] } = await suite.get(path);
      const ids = opportunities.map(({ id }) => id);
      await until(`${kind} deals`, async () => {
        const shown = await page.getByTestId('deal-row').evaluateAll((rows) => rows.map((row) => row.dataset.id));
        assert.deepEqual(shown, ids);
        return true;
      });
      assert.equal(ids.length, { open: 1, won: 2, lost: 0 }[kind]);
    }
    await page.getByTestId('deals').locator('input[value=won]').evaluate((input) => input.click());
    await page.getByTestId('deal-row').first().getByRole('button').click();
    const way = page.getByTestId('timeline').locator('li');
    await way.first().waitFor();
    assert.match(await way.last().textContent(), /Won/);
    await page.keyboard.press('Escape');
    await until('closed', async () => (await page.locator('dialog[open]').count()) === 0);
  },

  async 'the address is the view, and the back button goes back'({ page, chromium, suite }) {
    const address = new URL(page.url());
    const other = await openPage(chromium, suite, { lang: 'en', path: address.pathname + address.search });
    await focusedOn(other, 'P1B');
    await until('the same figure', async () => (await numberOf(other, 'kpi-revenue')) === 5500);
    assert.deepEqual(other.faults, []);
    await other.context().close();
    await page.getByTestId('crumbs').getByText('T1').click();
    await focusedOn(page, 'T1');
    await page.goBack();
    await focusedOn(page, 'P1B');
    await page.goForward();
    await focusedOn(page, 'T1');
    await page.getByTestId('crumbs').getByText('Whole company').click();
    await until('everything', async () => (await page.getByTestId('crumbs').count()) === 0);
    await until('all revenue', async () => (await numberOf(page, 'kpi-revenue')) === 7800);
  },

  async 'what is looked at moves within a second of the reply'({ page, state }) {
    const { company, ready } = state;
    const [month] = periodsOf(company.today);
    for (const [part, name, focus, deal, amount] of [
      ['leaderboard', 'P2A', { grain: 'rep', id: company.reps[2] }, ready[0], 600],
      ['crumbs', 'T2', { grain: 'team', id: company.teams[1] }, ready[1], 900],
      ['crumbs', 'R2', { grain: 'region', id: company.regions[1] }, ready[2], 350],
    ]) {
      await follow(page, part, name);
      await focusedOn(page, name);
      await live(page);
      await same(page, company, month, focus);
      const took = await winAndWatch(page, company, deal, amount);
      console.log(`    ${focus.grain}: ${took.toFixed(0)} ms from the reply to the figure`);
      assert.ok(took < 1000, `${took} ms`);
      await same(page, company, month, focus);
    }
  },

  async 'what lies outside of the scope is said to, never shown as nothing'({ page, suite, state }) {
    const { company } = state;
    await page.getByTestId('person').click();
    await page.keyboard.type('P1A');
    await page.keyboard.press('Enter');
    await until('own figures', async () => (await page.getByTestId('scope').textContent()) === 'Own figures');
    await page.getByTestId('deal-row').first().waitFor();
    await page.goto(`${suite.url}/?rep=${company.reps[2]}`);
    await page.getByTestId('missing').waitFor();
    assert.match(await page.getByTestId('missing').textContent(), /outside/);
    assert.equal(await page.getByTestId('kpi-revenue').count(), 0);
    await page.goto(`${suite.url}/?team=${company.teams[0]}`);
    await page.getByTestId('part').waitFor();
    await until('their part', async () => (await numberOf(page, 'kpi-revenue')) === 1500);
    await page.goto(suite.url);
    await page.getByTestId('person').click();
    await page.keyboard.press('Home');
    await page.getByRole('option').first().click();
    await until('everything', async () => (await numberOf(page, 'kpi-revenue')) > 7800);
  },

  async 'an address of nobody says so and leads back'({ page, suite }) {
    await page.goto(`${suite.url}/?rep=nobody`);
    await page.getByTestId('missing').getByTestId('focus').click();
    await until('everything', async () => (await numberOf(page, 'kpi-revenue')) > 7800);
    assert.deepEqual(page.faults, []);
  },
};

const suite = await Suite.start();
const chromium = await browser();
const state = { company: await Company.create(suite) };
state.ready = await sellSome(state.company);
const page = await openPage(chromium, suite, { lang: 'en' });
await runTests(tests, { suite, chromium, page, state });
