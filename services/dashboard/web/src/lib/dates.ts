// Days as 'yyyy-mm-dd' and periods of the company. Days are counted in UTC, so no zone of the
// browser and no clock change can shift them.
import type { ProtoDate } from './types';

export type PeriodKind = 'month' | 'quarter' | 'year';

export interface Period {
  kind: PeriodKind;
  // 2026-11, 2026-Q4 or 2026, as the API names it.
  name: string;
  from: string;
  to: string;
  // Today lies in it, so it has live counters.
  current: boolean;
}

const kDayMs = 86_400_000;

const text = (time: number): string => new Date(time).toISOString().slice(0, 10);
const time = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const pad = (n: number): string => String(n).padStart(2, '0');

export const addDays = (day: string, n: number): string => text(time(day) + n * kDayMs);
export const daysBetween = (from: string, to: string): number =>
  Math.round((time(to) - time(from)) / kDayMs);
export const monthOf = (day: string): string => day.slice(0, 7);
export const earlier = (a: string, b: string): string => (a < b ? a : b);

export function toProto(day: string): ProtoDate {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return { year, month, day: date };
}

export const fromProto = (date: ProtoDate): string =>
  `${String(date.year).padStart(4, '0')}-${pad(date.month)}-${pad(date.day)}`;

export function daysOf(from: string, to: string): string[] {
  return Array.from({ length: daysBetween(from, to) + 1 }, (_, i) => addDays(from, i));
}

export function daysInMonth(month: string): number {
  const { year, month: m } = toProto(`${month}-01`);
  return new Date(Date.UTC(year, m, 0)).getUTCDate();
}

const kMonths: Record<PeriodKind, number> = { month: 1, quarter: 3, year: 12 };

// The period of `kind` that lies `offset` periods from the one that holds today.
export function periodAt(kind: PeriodKind, offset: number, today: string): Period {
  const length = kMonths[kind];
  const { year, month } = toProto(today);
  const start = year * 12 + Math.floor((month - 1) / length) * length + offset * length;
  const first = (months: number): string => `${Math.floor(months / 12)}-${pad((months % 12) + 1)}-01`;
  const from = first(start);
  const to = addDays(first(start + length), -1);
  return { kind, name: nameOf(kind, from), from, to, current: offset === 0 };
}

function nameOf(kind: PeriodKind, from: string): string {
  if (kind === 'month') return monthOf(from);
  const { year, month } = toProto(from);
  return kind === 'year' ? `${year}` : `${year}-Q${Math.floor((month - 1) / 3) + 1}`;
}

// Kind and first day of a period by its name; undefined where it is none.
export function readPeriod(name: string): { kind: PeriodKind; from: string } | undefined {
  const found = /^(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?$/.exec(name);
  if (!found) return undefined;
  const [, year, quarter, month] = found;
  if (quarter) return { kind: 'quarter', from: `${year}-${pad(Number(quarter) * 3 - 2)}-01` };
  return month ? { kind: 'month', from: `${year}-${month}-01` } : { kind: 'year', from: `${year}-01-01` };
}

// How many periods of `kind` the one that holds `day` lies before today's; 0 or less.
export function offsetOf(kind: PeriodKind, day: string, today: string): number {
  const count = ({ year, month }: ProtoDate): number =>
    Math.floor((year * 12 + month - 1) / kMonths[kind]);
  return Math.min(0, count(toProto(day)) - count(toProto(today)));
}

export type Compare = 'previous' | 'year';

// The days to compare a period with: the one before or the same a year before, cut to as many days
// as have passed of a period that still runs.
export function comparedDays(period: Period, compare: Compare, today: string): Period {
  const back = compare === 'year' ? 12 / kMonths[period.kind] : 1;
  const before = periodAt(period.kind, -back, period.from);
  if (!period.current) return { ...before, current: false };
  const to = earlier(before.to, addDays(before.from, daysBetween(period.from, today)));
  return { ...before, to, current: false };
}
