// Revenue of a period by day (or month) beside the target's pace. Sums are of whole minor units.
import { exactAt, valueAt } from './answers';
import { daysInMonth, daysOf, monthOf } from './dates';
import type { Period } from './dates';
import type { MetricsAnswer } from './types';

export interface TrendPoint {
  // Day or month.
  id: string;
  // null after today.
  revenue: number | null;
  total: number | null;
  // Share of the target that belongs here, and up to here; null without a target.
  due: number | null;
  pace: number | null;
  // Of the period compared with, as many days from its start; null beyond its end and without any.
  earlier: number | null;
  earlierTotal: number | null;
}

// Minor units by day or month; a figure without an exact sum is rounded to them.
const byId = (answer: MetricsAnswer, scale: number): Map<string, number> =>
  new Map(
    (answer.rows ?? []).map((row) => [
      row.groups[0]?.id ?? '',
      exactAt(row, 0) || Math.round((valueAt(row, 0) ?? 0) * scale),
    ]),
  );

interface Earlier {
  from: string;
  to: string;
  revenueByDay: MetricsAnswer;
}

// Each month's target is spread evenly over its days: the target tree goes down to months.
export function trendOf(
  period: Period,
  today: string,
  revenueByDay: MetricsAnswer,
  targetByMonth: MetricsAnswer,
  earlier: Earlier,
  digits: number,
): TrendPoint[] {
  const scale = 10 ** digits;
  const revenue = byId(revenueByDay, scale);
  const target = byId(targetByMonth, scale);
  const before = byId(earlier.revenueByDay, scale);
  const daysBefore = before.size ? daysOf(earlier.from, earlier.to) : [];
  let total = 0;
  let pace = 0;
  let totalBefore = 0;
  return daysOf(period.from, period.to).map((day, i) => {
    const earned = revenue.get(day) ?? 0;
    const due = (target.get(monthOf(day)) ?? 0) / daysInMonth(monthOf(day));
    total += earned;
    pace += due;
    const past = day <= today;
    const dayBefore = daysBefore[i];
    const earnedBefore = dayBefore ? (before.get(dayBefore) ?? 0) : null;
    totalBefore += earnedBefore ?? 0;
    return {
      id: day,
      revenue: past ? earned / scale : null,
      total: past ? total / scale : null,
      due: target.size ? due / scale : null,
      pace: target.size ? Math.round(pace) / scale : null,
      earlier: earnedBefore === null ? null : earnedBefore / scale,
      earlierTotal: earnedBefore === null ? null : totalBefore / scale,
    };
  });
}

// The same by month: sums of the months' days, running totals as of their last day.
export function byMonth(days: TrendPoint[], digits: number): TrendPoint[] {
  const scale = 10 ** digits;
  const months = new Map<string, TrendPoint>();
  const add = (a: number | null, b: number | null): number | null =>
    b === null ? a : Math.round(((a ?? 0) + b) * scale) / scale;
  for (const day of days) {
    const id = monthOf(day.id);
    const known = months.get(id) ?? { ...day, id, revenue: null, due: null, earlier: null };
    months.set(id, {
      id,
      revenue: add(known.revenue, day.revenue),
      total: day.total ?? known.total,
      due: known.due === null ? day.due : known.due + (day.due ?? 0),
      pace: day.pace ?? known.pace,
      earlier: add(known.earlier, day.earlier),
      earlierTotal: day.earlierTotal ?? known.earlierTotal,
    });
  }
  return [...months.values()].map((month) => ({
    ...month,
    due: month.due === null ? null : Math.round(month.due * scale) / scale,
  }));
}
