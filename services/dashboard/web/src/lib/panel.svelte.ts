// The side panel: what it shows, or nothing. A deal is a part of the address; an explanation and
// help belong to the moment.
import { address } from './address.svelte';
import type { GroupKey, MetricsQuery } from './types';

export interface ExplainSubject {
  title: string;
  // The figures to choose from, each with its question; the first is shown. A label stands for the
  // metric's name where the same metric is asked twice.
  choices: { metric: string; query: MetricsQuery; row: GroupKey[]; label?: string }[];
}

type Own = { kind: 'explain'; subject: ExplainSubject } | { kind: 'targets' };
type Shown = Own | { kind: 'deal'; id: string };

class PanelState {
  #own = $state.raw<Own>();
  readonly #deal = $derived(address.get('deal'));
  readonly shown: Shown | undefined = $derived(
    this.#own ?? (this.#deal ? { kind: 'deal', id: this.#deal } : undefined),
  );

  constructor() {
    addEventListener('popstate', () => (this.#own = undefined));
  }

  explain(subject: ExplainSubject): void {
    this.#own = { kind: 'explain', subject };
  }
  targets(): void {
    this.#own = { kind: 'targets' };
  }
  deal(id: string): void {
    this.#own = undefined;
    address.go({ deal: id });
  }
  close(): void {
    if (this.#own) this.#own = undefined;
    else if (this.#deal) address.leave({ deal: undefined });
  }
}

export const panel = new PanelState();
