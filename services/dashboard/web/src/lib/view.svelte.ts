// What the page looks at: a period, what it is compared with, and whose figures: those of all that
// the caller sees, or of one region, team or person. All of it is kept in the address.
import { address } from './address.svelte';
import { comparedDays, earlier, offsetOf, periodAt, readPeriod, toProto } from './dates';
import type { Compare, Period, PeriodKind } from './dates';
import { filtersOf, grains, pathTo, reachOf } from './focus';
import type { Crumb, Focus } from './focus';
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
  // A named period stays what it is; the present one, named by its kind alone, goes with the days.
  readonly #named = $derived(readPeriod(address.get('period')));
  readonly kind: PeriodKind = $derived(
    this.#named?.kind ?? kinds.find((kind) => kind === address.get('period')) ?? 'month',
  );
  readonly offset: number = $derived(
    this.#named && session.company ? offsetOf(this.kind, this.#named.from, session.company.today) : 0,
  );
  readonly compare: Compare = $derived(address.get('compare') === 'year' ? 'year' : 'previous');

  readonly focus: Focus | undefined = $derived.by(() => {
    const grain = grains.findLast((one) => address.get(one));
    return grain && { grain, id: address.get(grain) };
  });
  // From the top to the focus; empty without one; undefined where the directory does not know it.
  readonly path: Crumb[] | undefined = $derived(
    this.focus && session.company
      ? pathTo(this.focus, session.persons, session.units, session.company.today)
      : [],
  );

  // Counted as nothing, what lies outside the caller's scope would read as a bad figure.
  readonly reach = $derived(reachOf(this.focus, session.visibility));

  readonly period: Period | undefined = $derived(
    session.company && periodAt(this.kind, this.offset, session.company.today),
  );
  readonly before: Period | undefined = $derived(
    session.company && this.period && comparedDays(this.period, this.compare, session.company.today),
  );

  // Changes with everything that an answer depends on; undefined until the company is known.
  readonly key: string | undefined = $derived(
    session.company && this.period && this.path && this.reach !== 'none'
      ? `${session.as}|${session.company.scope}|${this.period.name}|${this.focus?.grain}|${this.focus?.id}`
      : undefined,
  );

  // Stock figures are as of the end of the period, or today.
  readonly stockDay: string | undefined = $derived(
    session.company && this.period && earlier(this.period.to, session.company.today),
  );

  choose(kind: PeriodKind, offset = 0): void {
    const today = session.company?.today;
    const past = today && offset < 0 ? periodAt(kind, offset, today).name : undefined;
    address.go({ period: past ?? (kind === 'month' ? undefined : kind) });
  }

  // A longer or shorter period around the same days.
  chooseKind(kind: PeriodKind): void {
    const today = session.company?.today;
    const day = this.stockDay;
    this.choose(kind, today && day && this.offset ? offsetOf(kind, day, today) : 0);
  }

  chooseCompare(compare: Compare): void {
    address.go({ compare: compare === 'year' ? compare : undefined });
  }

  // Where a focus, or with undefined the whole, is found.
  link(focus: Focus | undefined): string {
    return address.with(this.#changes(focus));
  }

  look(focus: Focus | undefined): void {
    address.go(this.#changes(focus));
  }

  #changes(focus: Focus | undefined): Record<string, string | undefined> {
    return {
      ...Object.fromEntries(grains.map((grain) => [grain, undefined])),
      ...(focus && { [focus.grain]: focus.id }),
      deal: undefined,
    };
  }

  // The period's name does not tell what it is compared with.
  readonly compareKey: string | undefined = $derived(
    this.key && this.before && `${this.key}|${this.before.from}|${this.before.to}`,
  );

  // The query of a period's figures; the whole period, for targets belong to all of it.
  query(metrics: string[], groupBy: string[] = [], more: Partial<MetricsQuery> = {}): MetricsQuery {
    return this.queryOn(this.period, metrics, groupBy, more);
  }

  // The same of other days.
  queryOn(
    days: { from: string; to: string } | undefined,
    metrics: string[],
    groupBy: string[] = [],
    more: Partial<MetricsQuery> = {},
  ): MetricsQuery {
    return queryOf(days, metrics, groupBy, { filters: filtersOf(this.focus), ...more });
  }

  stockQuery(metrics: string[], day = this.stockDay): MetricsQuery {
    return this.queryOn(day ? { from: day, to: day } : undefined, metrics, [], { includeEmpty: true });
  }

  // The live counter of exactly what is looked at: undefined where there is none, and the
  // answer of a query has to do; null where the figure has no value.
  figure(metric: string): number | null | undefined {
    const period = this.#livePeriod(metric);
    const scope = session.company?.scope;
    if (!period || !scope) return undefined;
    if (this.focus) return this.subject(metric, this.focus.grain, this.focus.id);
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
