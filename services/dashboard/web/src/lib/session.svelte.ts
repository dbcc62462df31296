// Who looks, at which company, and the directory that names need: people, units, stages, metrics.
import { ApiError, actAs, get } from './api';
import { live } from './live.svelte';
import type {
  Company,
  Metric,
  Person,
  Pipeline,
  PipelineStage,
  Policy,
  Unit,
  Visibility,
} from './types';

const kAs = 'spm.as';

class Session {
  company = $state.raw<Company>();
  people = $state.raw<Person[]>([]);
  visibility = $state.raw<Visibility>();
  #unitList = $state.raw<Unit[]>([]);
  pipelines = $state.raw<Pipeline[]>([]);
  metrics = $state.raw<ReadonlyMap<string, Metric>>(new Map());
  error = $state.raw<ApiError>();
  // The person chosen before is gone.
  forgotten = $state(false);
  // Id of the person acted as; '' without one.
  as = $state('');

  readonly persons: ReadonlyMap<string, Person> = $derived(
    new Map(this.people.map((person) => [person.id, person])),
  );
  readonly units: ReadonlyMap<string, Unit> = $derived(
    new Map(this.#unitList.map((unit) => [unit.id, unit])),
  );

  async start(): Promise<void> {
    let as = '';
    try {
      as = sessionStorage.getItem(kAs) ?? '';
    } catch {
      // No storage, no memory.
    }
    await this.choose(as);
  }

  // Everything that is shown is asked again, for this caller comes with another scope.
  async choose(as: string): Promise<void> {
    this.as = as;
    actAs(as);
    try {
      sessionStorage.setItem(kAs, as);
    } catch {
      // As above.
    }
    live.restart();
    await this.load();
  }

  async load(): Promise<void> {
    const as = this.as;
    this.error = undefined;
    try {
      const [company, visibility, people, units, policies, metrics] = await Promise.all([
        get<Company>('/v1/company'),
        get<Visibility>('/v1/visibility'),
        allPeople(),
        allUnits(),
        get<{ policies?: Policy[] }>('/v1/policies/leads'),
        get<{ metrics?: Metric[] }>('/v1/metrics'),
      ]);
      if (as !== this.as) return;
      this.people = people;
      this.visibility = visibility;
      this.#unitList = units;
      this.pipelines = pipelinesOf(policies.policies ?? []);
      this.metrics = new Map((metrics.metrics ?? []).map((metric) => [metric.name, metric]));
      this.company = company;
    } catch (error) {
      if (as !== this.as) return;
      const known = error instanceof ApiError ? error : new ApiError(0, '', String(error));
      if (known.status === 401 && as) {
        this.forgotten = true;
        await this.choose('');
      } else {
        this.error = known;
      }
    }
  }

  // Once in a while: the day turns at the company's midnight or with the test clock, an import
  // sets the currency, and people join.
  async refresh(): Promise<void> {
    const as = this.as;
    try {
      const [company, visibility, people, units] = await Promise.all([
        get<Company>('/v1/company'),
        get<Visibility>('/v1/visibility'),
        allPeople(),
        allUnits(),
      ]);
      if (as !== this.as || !this.company) return;
      this.people = people;
      this.visibility = visibility;
      this.#unitList = units;
      if (JSON.stringify(company) !== JSON.stringify(this.company)) this.company = company;
    } catch {
      // What is known stays; the stream's state tells that the server is away.
    }
  }

  name(person: string): string | undefined {
    return this.persons.get(person)?.name;
  }

  stage(pipeline: string, id: string): PipelineStage | undefined {
    const own = this.pipelines.find((one) => one.id === (pipeline || 'default'));
    const among = own ? [own] : this.pipelines;
    return among.flatMap((one) => one.stages).find((stage) => stage.id === id);
  }
}

// Every page of a list.
async function allOf<T>(path: string, field: string, params: Record<string, boolean>): Promise<T[]> {
  const all: T[] = [];
  let pageToken = '';
  do {
    const page = await get<Record<string, unknown>>(path, { ...params, pageSize: 1000, pageToken });
    all.push(...((page[field] as T[] | undefined) ?? []));
    pageToken = (page['nextPageToken'] as string | undefined) ?? '';
  } while (pageToken);
  return all;
}

// Who has left still has deals.
const allPeople = (): Promise<Person[]> => allOf('/v1/people', 'people', { includeInactive: true });
const allUnits = (): Promise<Unit[]> => allOf('/v1/units', 'units', {});

// The version in force of each pipeline.
function pipelinesOf(policies: Policy[]): Pipeline[] {
  const newest = new Map<string, Policy>();
  const nowUs = Date.now() * 1000;
  for (const policy of policies) {
    if (!policy.kind.startsWith('pipeline:') || Number(policy.effectiveUs) > nowUs) continue;
    const known = newest.get(policy.kind);
    if (!known || Number(policy.version) > Number(known.version)) newest.set(policy.kind, policy);
  }
  return [...newest.values()].map(({ kind, body }) => ({
    id: body?.id || kind.slice('pipeline:'.length),
    name: body?.name ?? '',
    nameZh: body?.nameZh ?? '',
    stages: body?.stages ?? [],
  }));
}

export const session = new Session();
