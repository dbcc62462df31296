// What the page looks at: a period and what it is compared with. Kept in the address, so that a
// view can be shared and survives a reload.
import { comparedDays, earlier, offsetOf, periodAt, toProto } from './dates';
import type { Compare, Period, PeriodKind } from './dates';
import { live } from './live.svelte';
import { session } from './session.svelte';
import type { Counter, MetricsQuery } from './types';

const kinds: readonly PeriodKind[] = ['month', 'quarter', 'year'];

export function queryOf(
  days: { from: string; to: string } | undefined,
  metrics: string[],
  groupBy: string[] = [],
  more: Partial<MetricsQuery> = {},
): MetricsQuery {
  const { from, to } = days ?? { from: '1970-01-01', to: '1970-01-01' };
  return { metrics, groupBy, from: toProto(from), to: toProto(to), ...more };
}

// What covers all that the caller sees. There is one company, whatever it was called before; of
// several teams or regions none does.
function theOne(scope: string, subjects: ReadonlyMap<string, Counter>): Counter | undefined {
  const all = [...subjects.values()];
  if (scope !== 'company') return all.length === 1 ? all[0] : undefined;
  return all.sort((a, b) => (BigInt(a.version) < BigInt(b.version) ? 1 : -1))[0];
}

class View {
  #kind = $state<PeriodKind>('month');
  #offset = $state(0);
  #compare = $state<Compare>('previous');

  period: Period | undefined = $derived(
    session.company && periodAt(this.#kind, this.#offset, session.company.today),
  );
  before: Period | undefined = $derived(
    session.company && this.period && comparedDays(this.period, this.#compare, session.company.today),
  );

  // Changes with everything that an answer depends on; undefined until the company is known.
  key: string | undefined = $derived(
    session.company && this.period && `${session.as}|${session.company.scope}|${this.period.name}`,
  );

  // Stock figures are as of the end of the period, or today.
  stockDay: string | undefined = $derived(
    session.company && this.period && earlier(this.period.to, session.company.today),
  );

  constructor() {
    const address = new URLSearchParams(location.search);
    this.#kind = kinds.find((kind) => kind === address.get('period')) ?? 'month';
    this.#offset = Math.min(0, Math.trunc(Number(address.get('offset')) || 0));
    this.#compare = address.get('compare') === 'year' ? 'year' : 'previous';
  }

  get kind(): PeriodKind {
    return this.#kind;
  }
  get offset(): number {
    return this.#offset;
  }
  get compare(): Compare {
    return this.#compare;
  }

  choose(kind: PeriodKind, offset = 0): void {
    this.#kind = kind;
    this.#offset = Math.min(0, offset);
    this.#keep();
  }

  // A longer or shorter period around the same days.
  chooseKind(kind: PeriodKind): void {
    const today = session.company?.today;
    const day = this.stockDay;
    this.choose(kind, today && day && this.#offset ? offsetOf(kind, day, today) : 0);
  }

  chooseCompare(compare: Compare): void {
    this.#compare = compare;
    this.#keep();
  }

  #keep(): void {
    const address = new URLSearchParams();
    if (this.#kind !== 'month') address.set('period', this.#kind);
    if (this.#offset) address.set('offset', String(this.#offset));
    if (this.#compare !== 'previous') address.set('compare', this.#compare);
    const text = address.toString();
    history.replaceState(null, '', text ? `?${text}` : location.pathname);
  }

  // The period's name does not tell what it is compared with.
  compareKey: string | undefined = $derived(
    this.key && this.before && `${this.key}|${this.before.from}|${this.before.to}`,
  );

  // The query of a period's figures; the whole period, for targets belong to all of it.
  query(metrics: string[], groupBy: string[] = [], more: Partial<MetricsQuery> = {}): MetricsQuery {
    return queryOf(this.period, metrics, groupBy, more);
  }

  stockQuery(metrics: string[], day = this.stockDay): MetricsQuery {
    return queryOf(day ? { from: day, to: day } : undefined, metrics, [], { includeEmpty: true });
  }

  // The live counter of exactly what the caller sees: undefined where there is none, and the
  // answer of a query has to do; null where the figure has no value.
  figure(metric: string): number | null | undefined {
    const period = this.#livePeriod(metric);
    const scope = session.company?.scope;
    if (!period || !scope) return undefined;
    const subjects = live.group(metric, scope === 'own' ? 'rep' : scope, period);
    const one = scope === 'own' ? subjects.get(session.company?.callerId ?? '') : theOne(scope, subjects);
    return one && (one.value ?? null);
  }

  // One subject's live counter, with the same three answers.
  subject(metric: string, grain: string, id: string): number | null | undefined {
    const period = this.#livePeriod(metric);
    const counter = period ? live.group(metric, grain, period).get(id) : undefined;
    return counter && (counter.value ?? null);
  }

  #livePeriod(metric: string): string | undefined {
    if (!this.period?.current) return undefined;
    return session.metrics.get(metric)?.stock ? 'now' : this.period.name;
  }
}

export const view = new View();
