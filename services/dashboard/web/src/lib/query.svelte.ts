// An answer of the API that a card shows: asked when its question changes, and again, at most once
// in a while, when the stream says that something happened.
import { untrack } from 'svelte';
import { ApiError } from './api';
import { live } from './live.svelte';

export class Query<T> {
  data = $state.raw<T>();
  error = $state.raw<ApiError>();
  busy = $state(false);
  #asked = 0;
  #last = 0;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | undefined;

  constructor(
    private readonly load: (signal: AbortSignal) => Promise<T>,
    private readonly gapMs: number,
  ) {}

  // Another question: the old answer is not shown any more.
  restart(): void {
    this.data = undefined;
    this.error = undefined;
    void this.refresh();
  }

  // Something happened: asks again in a while. An answer under way is waited for, so that a slow
  // server still gets its answers through.
  touch(): void {
    if (this.busy) this.#again = true;
    if (this.busy || this.#timer !== undefined) return;
    const wait = Math.max(0, this.#last + this.gapMs - Date.now());
    this.#timer = setTimeout(() => void this.refresh(), wait);
  }

  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = Date.now();
    this.#abort?.abort();
    this.#abort = new AbortController();
    const asked = ++this.#asked;
    this.busy = true;
    try {
      const data = await this.load(this.#abort.signal);
      if (asked !== this.#asked) return;
      this.data = data;
      this.error = undefined;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.error = error instanceof ApiError ? error : new ApiError(0, '', String(error));
    } finally {
      if (asked === this.#asked) this.#settle();
    }
  }

  #settle(): void {
    this.busy = false;
    const again = this.#again;
    this.#again = false;
    if (again) this.touch();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked++;
    this.#abort?.abort();
    this.busy = false;
    this.#again = false;
  }
}

// For a component: `question` is read to know when to ask anew; undefined asks nothing.
export function useQuery<T>(
  question: () => unknown,
  load: (signal: AbortSignal) => Promise<T>,
  gapMs = 2000,
): Query<T> {
  const query = new Query(load, gapMs);
  $effect(() => {
    if (question() !== undefined) untrack(() => query.restart());
    return () => query.stop();
  });
  let seen = live.pulse;
  $effect(() => {
    if (live.pulse === seen) return;
    seen = live.pulse;
    if (untrack(question) !== undefined) untrack(() => query.touch());
  });
  return query;
}
