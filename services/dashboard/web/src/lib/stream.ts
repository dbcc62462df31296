// Reads the server-sent events of /v1/stream by fetch, since EventSource cannot send headers, and
// comes back after every break with growing, jittered pauses.
import { callerHeaders, refusal } from './api';
import type { StreamMessage } from './types';

export interface StreamListener {
  onSnapshot(message: StreamMessage): void;
  onDelta(message: StreamMessage): void;
  // Bytes came, if only a heartbeat: what is shown is what the server has.
  onAlive(): void;
  onBroken(): void;
}

// Two heartbeats are 30 s; more silence than that is a dead connection.
const kSilenceMs = 33_000;
const kFirstPauseMs = 250;
const kLongestPauseMs = 8_000;

// Connects until the returned function is called.
export function openStream(listener: StreamListener): () => void {
  const closed = new AbortController();
  let wake = (): void => {};
  const hurry = (): void => {
    if (document.visibilityState === 'visible') wake();
  };
  addEventListener('online', hurry);
  document.addEventListener('visibilitychange', hurry);

  void (async () => {
    for (let tries = 0; !closed.signal.aborted; tries++) {
      const heard = await readOnce(listener, closed.signal);
      if (closed.signal.aborted) break;
      if (heard) tries = 0;
      listener.onBroken();
      const pause = Math.min(kLongestPauseMs, kFirstPauseMs * 2 ** tries) * (0.5 + Math.random() / 2);
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pause);
      });
    }
  })();

  return () => {
    removeEventListener('online', hurry);
    document.removeEventListener('visibilitychange', hurry);
    closed.abort();
    wake();
  };
}

// One connection until it ends; true when it brought anything.
async function readOnce(listener: StreamListener, closed: AbortSignal): Promise<boolean> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), kSilenceMs);
  let heard = false;
  try {
    const response = await fetch('/v1/stream', {
      headers: { Accept: 'text/event-stream', ...callerHeaders() },
      cache: 'no-store',
      signal: AbortSignal.any([closed, silence.signal]),
    });
    if (!response.ok || !response.body) throw await refusal(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser(listener);
    for (;;) {
      const { done, value } = await reader.read();
      if (done || closed.aborted) break;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), kSilenceMs);
      heard = true;
      parser.push(value);
      listener.onAlive();
    }
  } catch {
    // Refused, broken or silent: the caller tries again.
  } finally {
    clearTimeout(timer);
  }
  return heard;
}

// Puts chunks together to lines and lines to events.
class EventParser {
  #rest = '';
  #event = '';
  #data: string[] = [];

  constructor(private readonly listener: StreamListener) {}

  push(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  #line(line: string): void {
    if (line === '') this.#dispatch();
    else if (line.startsWith('event:')) this.#event = line.slice(6).trim();
    else if (line.startsWith('data:')) this.#data.push(line.slice(5).trimStart());
  }

  #dispatch(): void {
    const event = this.#event;
    const data = this.#data.join('\n');
    this.#event = '';
    this.#data = [];
    if (!data) return;
    const message = JSON.parse(data) as StreamMessage;
    if (event === 'snapshot') this.listener.onSnapshot(message);
    else if (event === 'delta') this.listener.onDelta(message);
  }
}
