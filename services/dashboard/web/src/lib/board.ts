// The leaderboard: the API's rows, with newer live figures laid over them, ranked again by its
// rule (value descending, then name; ranks without sharing). Within a unit it is made of the
// figures of its people by the same rule.
import { valueAt } from './answers';
import type { Counter, LeaderboardRow, MetricsAnswer } from './types';

export interface BoardRow {
  id: string;
  name: string;
  rank: number;
  revenue: number;
  won: number;
  // Ranks gained since the period before; undefined where there was no rank.
  gained: number | undefined;
}

// What of the API's leaderboard is read.
export interface Board {
  rows?: Pick<LeaderboardRow, 'id' | 'name' | 'rank' | 'revenue' | 'won'>[];
}

// A board out of revenue and won deals by rep.
export function boardWithin(answer: MetricsAnswer): Board {
  const rows = (answer.rows ?? []).flatMap((row) => {
    const { id, name } = row.groups[0] ?? {};
    const revenue = valueAt(row, 0);
    return id && revenue ? [{ id, name: name ?? id, revenue, won: String(valueAt(row, 1) ?? 0) }] : [];
  });
  return { rows: ranked(rows) };
}

function ranked<T extends Pick<LeaderboardRow, 'name' | 'revenue'>>(rows: T[]): (T & { rank: number })[] {
  return rows
    .sort((a, b) => b.revenue - a.revenue || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map((row, i) => ({ ...row, rank: i + 1 }));
}

type Subjects = ReadonlyMap<string, Counter>;

export function boardOf(now: Board, before: Board, revenue: Subjects, won: Subjects): BoardRow[] {
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
  return ranked([...rows.values()]).map((row) => {
    const was = ranksBefore.get(row.id);
    return { ...row, gained: was === undefined ? undefined : was - row.rank };
  });
}
