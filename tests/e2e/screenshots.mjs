// Takes the README's pictures of the page, of a suite with the demo: docs/page-en.png, docs/page-zh.png.
//   SPM_BIN=build/release/spm node tests/e2e/screenshots.mjs [FOLDER]
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Suite, browser, openPage, root, until } from '../support/page.mjs';

const folder = resolve(process.argv[2] ?? join(root, 'docs'));
mkdirSync(folder, { recursive: true });

const suite = await Suite.start('--demo');
const chromium = await browser();

// The history and the targets of the demo are in, and all of it has been counted.
async function settled() {
  const { services } = await suite.get('/v1/status');
  const target = await suite.get('/v1/counters?metric=attainment&grain=company');
  const waiting = services.reduce((sum, { outbox, laneDepth }) => sum + Number(outbox) + Number(laneDepth), 0);
  return waiting < 20 && target.counters?.some(({ value }) => value > 0);
}

try {
  await until('the demo is ready', settled, 240_000);
  for (const [lang, theme] of [['en', 'light'], ['zh', 'dark']]) {
    const page = await openPage(chromium, suite, { lang, theme, height: 1700 });
    await until('the demo has filled the page', async () => (await page.getByTestId('board-row').count()) >= 8, 60_000);
    await until('a chart', async () => (await page.getByTestId('trend').locator('svg path').count()) > 5);
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.activeElement?.blur());
    // The lines have been drawn and the rows have come to rest.
    await page.waitForTimeout(1500);
    const last = await page.getByTestId('funnel').boundingBox();
    const clip = { x: 0, y: 0, width: 1440, height: Math.ceil(last.y + last.height) + 24 };
    await page.screenshot({ path: join(folder, `page-${lang}.png`), clip });
    console.log(`${folder}/page-${lang}.png`);
    await page.context().close();
  }
} finally {
  await chromium.close();
  await suite.remove();
}
