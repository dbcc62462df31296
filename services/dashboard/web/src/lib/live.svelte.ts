// The live counters of this tab, and how fresh they are.
import { SvelteMap } from 'svelte/reactivity';
import { openStream } from './stream';
import type { Counter, StreamMessage } from './types';

export type Freshness = 'live' | 'reconnecting' | 'stale';

type Subjects = ReadonlyMap<string, Counter>;

// How long a message's lag is worth showing: afterwards all has been applied.
const kLagShownMs = 5_000;
// Figures that nobody has confirmed for this long are called stale.
const kStaleMs = 10_000;
const kNoSubjects: Subjects = new Map();

const groupOf = (metric: string, grain: string, period: string): string =>
  `${metric}|${grain}|${period}`;

class Live {
  // One entry for each metric, grain and period, so that a change wakes only who reads its group.
  readonly #groups = new SvelteMap<string, Subjects>();
  #connected = $state(false);
  #now = $state(Date.now());
  #close: (() => void) | undefined;

  // Grows with each message; those who ask the API again watch it.
  pulse = $state(0);
  asOf = $state<number>();
  #lag = $state({ ms: 0, at: 0 });

  state: Freshness = $derived.by(() => {
    if (this.#connected) return 'live';
    return this.asOf !== undefined && this.#now - this.asOf > kStaleMs ? 'stale' : 'reconnecting';
  });

  constructor() {
    setInterval(() => (this.#now = Date.now()), 1000);
  }

  // Starts over, for the present caller.
  restart(): void {
    this.#close?.();
    this.#groups.clear();
    this.#connected = false;
    this.asOf = undefined;
    this.#close = openStream({
      // What a snapshot lagged behind is past.
      onSnapshot: (message) => {
        this.#groups.clear();
        this.#lag = { ms: 0, at: 0 };
        this.#take(message);
      },
      onDelta: (message) => {
        this.#lag = { ms: Number(message.lagMs), at: Date.now() };
        this.#take(message);
      },
      onAlive: () => (this.asOf = Date.now()),
      onBroken: () => (this.#connected = false),
    });
  }

  group(metric: string, grain: string, period: string): Subjects {
    return this.#groups.get(groupOf(metric, grain, period)) ?? kNoSubjects;
  }

  // By how much the newest figures lag behind their events.
  get lagMs(): number {
    return this.#now - this.#lag.at < kLagShownMs ? this.#lag.ms : 0;
  }

  get now(): number {
    return this.#now;
  }

  #take(message: StreamMessage): void {
    const changed = new Map<string, Map<string, Counter>>();
    for (const counter of message.counters) {
      const key = groupOf(counter.metric, counter.grain, counter.period);
      let subjects = changed.get(key);
      if (!subjects) changed.set(key, (subjects = new Map(this.#groups.get(key))));
      const known = subjects.get(counter.subject);
      if (!known || BigInt(counter.version) >= BigInt(known.version)) {
        subjects.set(counter.subject, counter);
      }
    }
    for (const [key, subjects] of changed) this.#groups.set(key, subjects);
    this.#connected = true;
    this.pulse++;
  }
}

export const live = new Live();
