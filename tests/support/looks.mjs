// What can be seen to be wrong with a page by a program: what axe finds, text that is cut, what is
// wider than the window, focus that cannot be seen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './page.mjs';

const axe = readFileSync(createRequire(join(root, 'tools/package.json')).resolve('axe-core/axe.min.js'), 'utf8');

// Nothing serious or critical, by WCAG 2.2 AA.
export async function accessible(page, what) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`).join(' | ')}`);
  });
  assert.deepEqual(found, [], `axe, ${what}`);
}

// Elements whose text does not fit where it is hidden, and what reaches beyond the window.
export async function nothingCut(page, what) {
  const found = await page.evaluate(() => {
    const name = (node) => `${node.tagName.toLowerCase()}.${node.className?.baseVal ?? node.className} "${node.textContent.trim().slice(0, 40)}"`;
    const cut = [];
    const over = document.documentElement.scrollWidth - innerWidth;
    if (over > 0) cut.push(`the page is ${over} px too wide`);
    const open = document.querySelector('dialog[open]');
    for (const node of (open ?? document.body).querySelectorAll('*')) {
      if (node.closest('.quiet, .skip, svg, [role=img]') || !node.textContent.trim()) continue;
      const box = node.getBoundingClientRect();
      const style = getComputedStyle(node);
      if (!box.width || style.visibility === 'hidden') continue;
      const hides = [style.overflowX, style.overflowY].some((value) => value === 'hidden' || value === 'clip');
      if (hides && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)) cut.push(`cut: ${name(node)}`);
      let scrolls = false;
      for (let up = node; up && !scrolls; up = up.parentElement) scrolls = /auto|scroll/.test(getComputedStyle(up).overflowX) && up !== document.documentElement;
      if (!scrolls && (box.right > innerWidth + 1 || box.left < -1)) cut.push(`beyond the window: ${name(node)}`);
    }
    return cut;
  });
  assert.deepEqual(found, [], `${what}`);
}

// The element that has the focus, if it can be seen that it has it.
export function focused(page) {
  return page.evaluate(() => {
    const node = document.activeElement;
    if (!node || node === document.body) return null;
    // Radio buttons are drawn by their label.
    const drawn = node.matches('input.quiet') ? node.closest('label') : node;
    const style = getComputedStyle(drawn);
    const field = node.matches('[role=combobox]');
    const box = drawn.getBoundingClientRect();
    return {
      tag: node.tagName,
      text: (node.getAttribute('aria-label') ?? drawn.textContent).trim(),
      testid: node.dataset.testid ?? '',
      within: node.closest('[data-testid]:not([data-testid=focus]):not([data-testid=figure])')?.dataset.testid ?? '',
      row: node.closest('[data-id]')?.dataset.id ?? '',
      visible: box.width > 0 && box.bottom > 0 && box.top < innerHeight && (field || style.outlineStyle !== 'none' || node.id === 'figures'),
    };
  });
}
