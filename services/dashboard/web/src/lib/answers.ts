// Reads answers of QueryMetrics.
import type { MetricRow, MetricsAnswer, MetricValue } from './types';

// Values of the one row of a query without groups, by metric.
export function single(metrics: string[], answer: MetricsAnswer): Map<string, MetricValue> {
  const values = answer.rows?.[0]?.values ?? [];
  return new Map(metrics.map((metric, i) => [metric, values[i] ?? noValue]));
}

const noValue: MetricValue = { nullReason: '', bottleneck: false };

export const valueAt = (row: MetricRow | undefined, i: number): number | null =>
  row?.values[i]?.value ?? null;

// Whole base units, so that sums are exact.
export const exactAt = (row: MetricRow | undefined, i: number): number =>
  Number(row?.values[i]?.exact ?? 0);
