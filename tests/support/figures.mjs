// What the page shows and what the API says of the same period and focus, in one form to compare.
import assert from 'node:assert/strict';
import { until } from './page.mjs';

export const valueOf = (page, id) => page.getByTestId(id).first().getAttribute('data-value');
export const numberOf = async (page, id) => {
  const text = await valueOf(page, id);
  return text === null || text === '' ? null : Number(text);
};

const kTiles = ['attainment', 'revenue', 'win_rate', 'open'];
const kUnitMetrics = ['revenue', 'attainment', 'won', 'win_rate'];

const dateOf = (text) => {
  const [year, month, day] = text.split('-').map(Number);
  return { year, month, day };
};
const value = (row, i) => row?.values[i].value ?? null;
const byRevenue = (a, b) => b.revenue - a.revenue || (a.name < b.name ? -1 : 1);

// Periods of today: by month, quarter and year.
export function periodsOf(today) {
  const [year, month] = today.split('-').map(Number);
  const quarter = Math.ceil(month / 3);
  const first = (m) => `${year}-${String(m).padStart(2, '0')}-01`;
  const last = (m) => new Date(Date.UTC(year, m, 0)).toISOString().slice(0, 10);
  return [
    { kind: 'month', name: today.slice(0, 7), from: first(month), to: last(month) },
    { kind: 'quarter', name: `${year}-Q${quarter}`, from: first(quarter * 3 - 2), to: last(quarter * 3) },
    { kind: 'year', name: `${year}`, from: first(1), to: last(12) },
  ];
}

// `focus` is {grain, id}, or nothing for the whole. The funnel is the way to a win.
export async function expected(suite, company, period, focus) {
  const filters = focus ? [{ dimension: focus.grain, values: [focus.id] }] : [];
  const ask = async (metrics, more = {}) => {
    const range = { from: dateOf(period.from), to: dateOf(period.to) };
    return (await suite.post('/v1/metrics:query', { metrics, filters, ...range, ...more })).rows ?? [];
  };
  const { today } = await suite.get('/v1/company');
  const now = { from: dateOf(today), to: dateOf(today), includeEmpty: true };
  const flow = await ask(['attainment', 'revenue', 'win_rate'], { includeEmpty: true });
  const stock = await ask(['open'], now);
  const stages = await ask(['stage_entered', 'stage_conversion'], { groupBy: ['stage'] });
  const days = await ask(['revenue'], { groupBy: ['day'] });
  const owner = focus && (focus.grain === 'rep' ? `&ownerId=${focus.id}` : `&unitId=${focus.id}`);
  const changes = await suite.get(`/v1/opportunities?byStageTime=true&pageSize=9${owner ?? ''}`);
  const stalled = await suite.get(`/v1/opportunities:stalled?days=7&pageSize=8${owner ?? ''}`);
  return {
    tiles: [value(flow[0], 0), value(flow[0], 1), value(flow[0], 2), value(stock[0], 0)],
    funnel: Object.fromEntries(
      stages
        .map((row) => [row.groups[0].id, value(row, 0), row.values[1].bottleneck])
        .filter(([id, n]) => n && id !== company.stageOf('LOST'))
        .map(([id, ...rest]) => [id, rest]),
    ),
    days: Object.fromEntries(days.map((row) => [row.groups[0].id, value(row, 0)]).filter(([, n]) => n)),
    board: await boardOf(suite, ask, period, focus, company),
    units: await unitsOf(ask, focus),
    changes: changes.opportunities.map(({ id }) => id),
    stalled: [stalled.totalSize, ...(stalled.stalled ?? []).map(({ opportunity }) => opportunity.id)],
  };
}

async function boardOf(suite, ask, period, focus, company) {
  if (!focus) {
    const { rows = [] } = await suite.get(`/v1/leaderboard?period=${period.name}&groupBy=rep&metric=revenue`);
    return rows.map(({ id, rank, revenue, won }) => ({ id, rank, revenue, won: Number(won) }));
  }
  // A person is shown among their team.
  const unit = focus.grain === 'rep' ? { grain: 'team', id: company.teamOf(focus.id) } : focus;
  const filters = [{ dimension: unit.grain, values: [unit.id] }];
  const rows = await ask(['revenue', 'won'], { groupBy: ['rep'], filters });
  return rows
    .map((row) => ({ id: row.groups[0].id, name: row.groups[0].name, revenue: value(row, 0), won: value(row, 1) }))
    .filter(({ revenue }) => revenue)
    .sort(byRevenue)
    .map(({ id, revenue, won }, i) => ({ id, rank: i + 1, revenue, won }));
}

async function unitsOf(ask, focus) {
  if (focus?.grain === 'rep') return [];
  const rows = await ask(kUnitMetrics, { groupBy: [focus?.grain === 'team' ? 'rep' : 'team'] });
  return rows
    .map((row) => ({ id: row.groups[0].id, name: row.groups[0].name, revenue: value(row, 0), row }))
    .sort(byRevenue)
    .map(({ id, row }) => [id, ...kUnitMetrics.map((_, i) => value(row, i))]);
}

export async function shown(page) {
  const rows = (id, read) => page.getByTestId(id).evaluateAll(read);
  const tiles = [];
  for (const id of kTiles) tiles.push(await numberOf(page, `kpi-${id}`));
  const funnel = await rows('funnel-row', (list) =>
    list.map(({ dataset: { stage, value, worst } }) => [stage, [Number(value), worst === 'true']]).filter(([, [n]]) => n),
  );
  const days = await rows('trend-row', (list) =>
    list.map(({ dataset: { id, value } }) => [id, Number(value ?? 0)]).filter(([, n]) => n),
  );
  const board = await rows('board-row', (list) =>
    list.map(({ dataset: { id, rank, value, won } }) => ({ id, rank: Number(rank), revenue: Number(value), won: Number(won) })),
  );
  const units = await rows('unit-row', (list) => list.map(({ dataset }) => [dataset.id, ...JSON.parse(dataset.values)]));
  const ids = (id) => rows(id, (list) => list.map(({ dataset }) => dataset.id));
  const count = page.getByTestId('stalled-count');
  const total = (await count.count()) ? Number(await count.getAttribute('data-value')) : 0;
  return {
    tiles,
    funnel: Object.fromEntries(funnel),
    days: Object.fromEntries(days),
    board,
    units,
    changes: await ids('change-row'),
    stalled: [total, ...(await ids('stalled-row'))],
  };
}

// Waits until page and API agree, for the page follows the commands. The trend is compared where its
// table shows days, as it does for months and quarters.
export async function same(page, company, period, focus) {
  const twin = page.getByTestId('trend-twin');
  if ((await twin.getAttribute('aria-pressed')) !== 'true') await twin.click();
  let [is, should] = [];
  try {
    await until('equal figures', async () => {
      [is, should] = [await shown(page), await expected(company.suite, company, period, focus)];
      if (period.kind === 'year') is.days = should.days;
      assert.deepEqual(is, should);
      return true;
    });
  } catch {
    assert.deepEqual(is, should, `page and API differ for ${period.name}, ${focus?.grain ?? 'all'}`);
  }
  await wordsAreFigures(page);
  return is;
}

// What is read is what is meant: the text of a figure, without its signs, is its value.
async function wordsAreFigures(page) {
  const digits = (text) => Number(text.replace(/[^\d.]/g, ''));
  const revenue = await numberOf(page, 'kpi-revenue');
  const tile = (id) => page.getByTestId(id).locator('.value .figure').textContent();
  assert.equal(digits(await tile('kpi-revenue')), Math.round(revenue));
  assert.equal(digits(await tile('kpi-open')), await numberOf(page, 'kpi-open'));
  const rate = await numberOf(page, 'kpi-win_rate');
  if (rate !== null) assert.equal(await tile('kpi-win_rate'), `${(rate * 100).toFixed(1)}%`);
  for (const row of await page.getByTestId('board-row').all()) {
    const { text, value } = await row.evaluate((node) => ({
      text: node.querySelector('strong').textContent,
      value: Number(node.dataset.value),
    }));
    assert.equal(digits(text), Math.round(value));
  }
}

export const live = (page) =>
  until(
    'the stream is live',
    async () => (await page.getByTestId('freshness').getAttribute('data-state')) === 'live',
    20_000,
  );

// Wins a prepared deal and waits for the page; milliseconds from the reply to the figure.
export async function winAndWatch(page, company, deal, amount) {
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

// A company with wins, losses and open deals of everybody, two of them stalled; three deals are ready
// to be won.
export async function sellSome(company) {
  const [last] = company.stages.filter(({ kind }) => kind === 'STAGE_KIND_OPEN').slice(-1);
  for (const [rep, amount] of [[0, 1500], [1, 4200], [2, 800], [1, 1300]]) {
    await company.win(await company.deal(rep, rep % 2), amount);
  }
  await company.lose(await company.deal(0, 0, 500));
  await company.lose(await company.deal(3, 1, 700));
  for (const rep of [0, 1, 2, 3]) await company.deal(rep, 0);
  for (const rep of [0, 3]) await company.deal(rep, 1, 0, 12);
  const ready = [];
  for (const rep of [2, 3, 3]) ready.push(await company.advance(await company.deal(rep, 1), last.id));
  return ready;
}
