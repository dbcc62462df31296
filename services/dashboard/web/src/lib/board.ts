// The leaderboard: the API's rows, with newer live figures laid over them, ranked again by its
// rule (value descending, then name; ranks without sharing).
import type { Counter, Leaderboard } from './types';

export interface BoardRow {
  id: string;
  name: string;
  rank: number;
  revenue: number;
  won: number;
  // Ranks gained since the period before; undefined where there was no rank.
  gained: number | undefined;
}

type Subjects = ReadonlyMap<string, Counter>;

export function boardOf(
  now: Leaderboard,
  before: Leaderboard,
  revenue: Subjects,
  won: Subjects,
): BoardRow[] {
  const ranksBefore = new Map((before.rows ?? []).map((row) => [row.id, row.rank]));
  const rows = new Map(
    (now.rows ?? []).map((row) => [
      row.id,
      { id: row.id, name: row.name, revenue: row.revenue, won: Number(row.won) },
    ]),
  );
  for (const [id, counter] of revenue) {
    const known = rows.get(id) ?? { id, name: counter.name, revenue: 0, won: 0 };
    if (!rows.has(id) && !counter.value) continue;
    rows.set(id, { ...known, revenue: counter.value ?? 0, won: won.get(id)?.value ?? known.won });
  }
  return [...rows.values()]
    .sort((a, b) => b.revenue - a.revenue || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map((row, i) => {
      const was = ranksBefore.get(row.id);
      return { ...row, rank: i + 1, gained: was === undefined ? undefined : was - (i + 1) };
    });
}
