// The page in Chromium: what it weighs, and when it paints. Prints one JSON object. The floor is a
// page of one word, from a server of this process, in the same browser.
//   node page.mjs LOADS MAPPING FOLDER
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Suite, browser, root, until } from '../support/page.mjs';

const [loads, mapping, folder] = process.argv.slice(2);
const spm = process.env.SPM_BIN ?? `${root}/build/spm`;

// Milliseconds from the navigation to the first paint, and to `seen` where it is given.
async function paint(chromium, url, seen) {
  const context = await chromium.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const began = performance.now();
  await page.goto(url);
  const first = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const look = (list) => {
          const paint = list.getEntriesByName('first-contentful-paint')[0];
          if (paint) resolve(paint.startTime);
        };
        look(performance);
        new PerformanceObserver(look).observe({ type: 'paint', buffered: true });
      }),
  );
  if (seen) await page.getByTestId(seen).getByText(/\d/).first().waitFor();
  const figures = performance.now() - began;
  await context.close();
  return { first, figures };
}

// Bytes of each kind of resource of the page itself: as they are, and as they came.
async function weight(chromium, url) {
  const context = await chromium.newContext();
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const came = new Map();
  const kinds = new Map();
  session.on('Network.responseReceived', ({ requestId, response, type }) => {
    if (['Document', 'Script', 'Stylesheet', 'Font', 'Image', 'Manifest'].includes(type))
      kinds.set(requestId, { type, coded: response.headers['content-encoding'] ?? response.headers['Content-Encoding'] });
  });
  let last = performance.now();
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    came.set(requestId, encodedDataLength);
    last = performance.now();
  });
  await page.goto(url);
  await page.getByTestId('kpi-revenue').waitFor();
  // The stream never ends, so this is how the page is known to have all it asks for.
  await until('nothing more loads', () => performance.now() - last > 500);
  const sum = { raw: 0, gzip: 0, transferred: 0, coded: 0, files: 0 };
  for (const [requestId, { coded }] of kinds) {
    if (!came.has(requestId)) continue;
    const { body, base64Encoded } = await session.send('Network.getResponseBody', { requestId });
    const bytes = Buffer.from(body, base64Encoded ? 'base64' : 'utf8');
    sum.raw += bytes.length;
    sum.gzip += gzipSync(bytes).length;
    sum.transferred += came.get(requestId);
    sum.coded += coded ? 1 : 0;
    sum.files++;
  }
  await context.close();
  return sum;
}

const plain = createServer((_, response) => response.end('<!doctype html><p>spm'));
await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
const suite = await Suite.start();
execFileSync(spm, ['--data', suite.folder, 'import', mapping, folder], { stdio: 'ignore' });
const chromium = await browser();
await paint(chromium, suite.url, 'kpi-revenue');
const times = [];
for (let n = 0; n < Number(loads); n++) times.push(await paint(chromium, suite.url, 'kpi-revenue'));
const floor = [];
for (let n = 0; n < Number(loads); n++) floor.push(await paint(chromium, `http://127.0.0.1:${plain.address().port}/`));
console.log(JSON.stringify({
  weight: await weight(chromium, suite.url),
  first: times.map(({ first }) => first),
  figures: times.map(({ figures }) => figures),
  floor: floor.map(({ first }) => first),
  floorLoaded: floor.map(({ figures }) => figures),
}));
await chromium.close();
await suite.remove();
plain.close();
process.exit(0);
