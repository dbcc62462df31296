// The stages of a pipeline with what entered each, what went on, and where most is lost (D3).
import { valueAt } from './answers';
import type { MetricsAnswer, Pipeline } from './types';

export interface FunnelStage {
  id: string;
  name: string;
  entered: number;
  // Share of the cohort that entered the next stage; null at the end or with nothing entered.
  conversion: number | null;
  worst: boolean;
}

// Stages on the way to a win, in the pipeline's order; without one, in the answer's.
export function funnelOf(
  answer: MetricsAnswer,
  pipeline: Pipeline | undefined,
  liveEntered: (stage: string) => number | null | undefined,
): FunnelStage[] {
  const rows = new Map((answer.rows ?? []).map((row) => [row.groups[0]?.id ?? '', row]));
  const known = pipeline?.stages.filter((stage) => stage.kind !== 'STAGE_KIND_LOST');
  const ids = known?.map((stage) => stage.id) ?? [...rows.keys()];
  return ids.map((id) => {
    const row = rows.get(id);
    return {
      id,
      name: row?.groups[0]?.name ?? id,
      entered: liveEntered(id) ?? valueAt(row, 0) ?? 0,
      conversion: valueAt(row, 1),
      worst: row?.values[1]?.bottleneck ?? false,
    };
  });
}

// Pipelines whose open stages occur in the answer, for won and lost ones are often shared; the
// default one where none does.
export function pipelinesIn(answer: MetricsAnswer, pipelines: Pipeline[]): Pipeline[] {
  const present = new Set(
    (answer.rows ?? []).filter((row) => valueAt(row, 0)).map((row) => row.groups[0]?.id),
  );
  const used = pipelines.filter((one) => one.stages.some(({ id, kind }) => kind === 'STAGE_KIND_OPEN' && present.has(id)));
  return used.length ? used : pipelines.filter((one) => one.id === 'default');
}
