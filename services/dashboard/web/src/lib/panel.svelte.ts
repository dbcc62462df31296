// The side panel: what it shows, or nothing.
import type { GroupKey, MetricsQuery } from './types';

export interface ExplainSubject {
  title: string;
  // The figures to choose from, each with its question; the first is shown.
  choices: { metric: string; query: MetricsQuery; row: GroupKey[] }[];
}

type Shown = { kind: 'explain'; subject: ExplainSubject } | { kind: 'deal'; id: string };

class PanelState {
  shown = $state.raw<Shown>();

  explain(subject: ExplainSubject): void {
    this.shown = { kind: 'explain', subject };
  }
  deal(id: string): void {
    this.shown = { kind: 'deal', id };
  }
  close(): void {
    this.shown = undefined;
  }
}

export const panel = new PanelState();
