// What the page is narrowed to: a region, a team or a person, and the way to it from the company.
import { fromProto } from './dates';
import type { Filter, Person, ProtoDate, Unit, Visibility } from './types';

export const grains = ['region', 'team', 'rep'] as const;
export type Grain = (typeof grains)[number];

export interface Focus {
  grain: Grain;
  id: string;
}

export interface Crumb extends Focus {
  name: string;
}

export const filtersOf = (focus: Focus | undefined): Filter[] =>
  focus ? [{ dimension: focus.grain, values: [focus.id] }] : [];

// The same for lists of deals, which know owners and units.
export const ownersOf = (focus: Focus | undefined): { ownerId?: string; unitId?: string } =>
  focus ? (focus.grain === 'rep' ? { ownerId: focus.id } : { unitId: focus.id }) : {};

// How much of the focus the caller may see: of a unit that is not wholly theirs, their part.
export function reachOf(focus: Focus | undefined, seen: Visibility | undefined): 'all' | 'part' | 'none' {
  if (!focus || !seen || seen.company) return 'all';
  const ids = { rep: seen.repIds, team: seen.teamIds, region: seen.regionIds }[focus.grain];
  if (ids?.includes(focus.id)) return 'all';
  return focus.grain === 'rep' ? 'none' : 'part';
}

// The last one that has begun; one without a date holds from ever.
function inForce<T extends { from?: ProtoDate }>(list: T[] | undefined, day: string): T | undefined {
  return (list ?? []).filter(({ from }) => !from || fromProto(from) <= day).at(-1);
}

const kindOf = (unit: Unit): Grain | undefined =>
  unit.kind === 'UNIT_KIND_REGION' ? 'region' : unit.kind === 'UNIT_KIND_TEAM' ? 'team' : undefined;

// The units above, topmost first, and the focus itself, by the directory of a day. Undefined where
// the directory does not know it.
export function pathTo(
  focus: Focus,
  people: ReadonlyMap<string, Person>,
  units: ReadonlyMap<string, Unit>,
  day: string,
): Crumb[] | undefined {
  const path: Crumb[] = [];
  let unit: Unit | undefined;
  if (focus.grain === 'rep') {
    const person = people.get(focus.id);
    if (!person) return undefined;
    path.push({ ...focus, name: person.name });
    unit = units.get(inForce(person.memberships, day)?.unitId ?? '');
  } else {
    unit = units.get(focus.id);
    if (!unit) return undefined;
  }
  // A tree has no way round; the limit is for one that is broken.
  for (let steps = 0; unit && steps < 20; steps++) {
    const grain = kindOf(unit);
    if (grain) path.unshift({ grain, id: unit.id, name: unit.name });
    unit = units.get(inForce(unit.placements, day)?.parentId ?? '');
  }
  return path;
}
