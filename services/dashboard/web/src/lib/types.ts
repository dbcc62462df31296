// The API's messages as protobuf's JSON mapping writes them: int64 as strings, absent optionals
// missing. Only what the page reads.

export interface ProtoDate {
  year: number;
  month: number;
  day: number;
}

export interface Money {
  currencyCode: string;
  units: string;
  nanos: number;
}

export interface Visibility {
  scope: string;
  // Everything; the lists may then be empty.
  company: boolean;
  repIds?: string[];
  teamIds?: string[];
  regionIds?: string[];
}

export interface Company {
  currency: string;
  minorDigits: number;
  zone: string;
  language: string;
  today: string;
  callerId: string;
  callerName: string;
  scope: string;
}

export interface Membership {
  unitId: string;
  from?: ProtoDate;
  leads: boolean;
}

export interface Person {
  id: string;
  name: string;
  roles: string[];
  inactive: boolean;
  memberships: Membership[];
}

export interface Unit {
  id: string;
  name: string;
  kind: string;
  placements?: { parentId: string; from?: ProtoDate }[];
}

export type MetricUnit = 'UNIT_UNSPECIFIED' | 'UNIT_COUNT' | 'UNIT_MONEY' | 'UNIT_RATIO' | 'UNIT_DAYS';

export interface Metric {
  name: string;
  unit: MetricUnit;
  formula: string;
  higherIsBetter: boolean;
  stock: boolean;
  groups: string[];
}

export interface Filter {
  dimension: string;
  values: string[];
}

export interface MetricsQuery {
  metrics: string[];
  groupBy?: string[];
  from: ProtoDate;
  to: ProtoDate;
  filters?: Filter[];
  includeEmpty?: boolean;
}

export interface MetricValue {
  value?: number;
  exact?: string;
  nullReason: string;
  bottleneck: boolean;
}

export interface GroupKey {
  id?: string;
  name?: string;
}

export interface MetricRow {
  groups: GroupKey[];
  values: MetricValue[];
}

export interface Freshness {
  recordedUs: string;
  occurredUs: string;
  lagMs: string;
  pending: string;
}

export interface MetricsAnswer {
  rows: MetricRow[];
  scope: string;
  freshness?: Freshness;
}

export interface LeaderboardRow {
  rank: number;
  id: string;
  name: string;
  value: MetricValue;
  won: string;
  revenue: number;
}

export interface Leaderboard {
  rows: LeaderboardRow[];
  period: string;
  metric: string;
}

export interface FactRef {
  eventId: string;
  n: number;
  measure: string;
  amount: string;
  occurredOn?: ProtoDate;
  repId: string;
  stage: string;
  dealId: string;
}

export interface Explanation {
  role: string;
  name: string;
  formula: string;
  value?: MetricValue;
  total: string;
  facts: string;
  hash: string;
  from?: ProtoDate;
  to?: ProtoDate;
  version: string;
  page: FactRef[];
  parts: Explanation[];
}

export interface ExplainAnswer {
  explanation: Explanation;
  value?: MetricValue;
  reevaluated?: MetricValue;
  nextPageToken: string;
  freshness?: Freshness;
}

export interface StageEntry {
  stage: string;
  enterTime: string;
  leaveTime?: string;
  passedOver: boolean;
  actor: string;
  overrideReason: string;
}

export interface Opportunity {
  id: string;
  name: string;
  ownerId: string;
  productId: string;
  pipeline: string;
  stage: string;
  stageKind: string;
  source: string;
  openTime?: string;
  stageTime?: string;
  closeTime?: string;
  expectedClose?: ProtoDate;
  history: StageEntry[];
  lostReason: string;
  externalIds?: { source: string; id: string }[];
  value?: Money;
  valueSource: string;
}

export interface StalledOpportunity {
  opportunity: Opportunity;
  daysInStage: number;
}

export interface PipelineStage {
  id: string;
  name: string;
  nameZh: string;
  kind: string;
}

export interface Pipeline {
  id: string;
  name: string;
  nameZh: string;
  stages: PipelineStage[];
}

export interface Policy {
  kind: string;
  version: string;
  effectiveUs: string;
  body?: Partial<Pipeline>;
}

export interface Counter {
  metric: string;
  grain: string;
  period: string;
  subject: string;
  name: string;
  value?: number | null;
  version: string;
  recordedUs: string;
}

export interface StreamMessage {
  version: string;
  counters: Counter[];
  lagMs: number | string;
}
