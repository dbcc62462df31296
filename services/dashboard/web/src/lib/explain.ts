// Walks explanations: the leaves come with their facts page by page.
import type { Explanation, Metric } from './types';

// The tree with the next page's facts put behind those of the pages before.
export function joinPages(known: Explanation, next: Explanation): Explanation {
  return {
    ...known,
    page: [...(known.page ?? []), ...(next.page ?? [])],
    parts: (known.parts ?? []).map((part, i) => {
      const more = next.parts?.[i];
      return more ? joinPages(part, more) : part;
    }),
  };
}

// Measures of money are kept in minor units, all others as they are.
export function isMoney(measure: string, metrics: ReadonlyMap<string, Metric>): boolean {
  const metric = metrics.get(measure);
  return metric ? metric.unit === 'UNIT_MONEY' : /revenue|value|amount|target|price|_minor$/.test(measure);
}
