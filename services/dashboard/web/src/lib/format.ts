// Numbers, money and times by locale. One Format for each language and company, so that the Intl
// objects, which are slow to make, are made once.
import { fromProto, toProto } from './dates';
import type { Period } from './dates';
import type { Company, MetricUnit, Money, ProtoDate } from './types';

export const kNone = '–';

// Beyond two weeks a number of days has to be counted back by the reader.
const kAgoMs = 14 * 86_400_000;

const noon = (day: string): Date => new Date(`${day}T12:00:00Z`);

export function moneyValue(money: Money | undefined): number | undefined {
  return money && Number(money.units) + money.nanos / 1e9;
}

export class Format {
  readonly locale: string;
  readonly #zone: string;
  readonly #digits: number;
  readonly #currency: string;
  readonly #made = new Map<string, Intl.NumberFormat>();

  constructor(lang: string, company: Company | undefined) {
    this.locale = lang === 'zh' ? 'zh-CN' : 'en-GB';
    this.#zone = company?.zone || 'UTC';
    this.#digits = company?.minorDigits ?? 2;
    this.#currency = company?.currency || 'USD';
  }

  #number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    let made = this.#made.get(key);
    if (!made) this.#made.set(key, (made = new Intl.NumberFormat(this.locale, options)));
    return made;
  }

  #show(value: number | null | undefined, options: Intl.NumberFormatOptions): string {
    return value === null || value === undefined ? kNone : this.#number(options).format(value);
  }

  count(value: number | null | undefined): string {
    return this.#show(value, { maximumFractionDigits: 1 });
  }

  percent(value: number | null | undefined, digits = 1): string {
    return this.#show(value, {
      style: 'percent',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  }

  #money(more: Intl.NumberFormatOptions): Intl.NumberFormatOptions {
    return { style: 'currency', currency: this.#currency, currencyDisplay: 'narrowSymbol', ...more };
  }

  // Whole units: what a manager reads at a glance.
  money(value: number | null | undefined): string {
    return this.#show(value, this.#money({ maximumFractionDigits: 0 }));
  }

  // To the minor unit: where sums are checked.
  moneyExact(value: number | null | undefined): string {
    const digits = this.#digits;
    return this.#show(
      value,
      this.#money({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
    );
  }

  // For axes, and figures too long for their place.
  moneyShort(value: number | null | undefined): string {
    return this.#show(value, this.#money({ notation: 'compact', maximumSignificantDigits: 3 }));
  }

  // Whole units while they fit on a tile, else shortened.
  moneyFit(value: number | null | undefined): string {
    if (value === null || value === undefined || Math.abs(value) < 1e8) return this.money(value);
    return this.#show(value, this.#money({ notation: 'compact', maximumFractionDigits: 2 }));
  }

  minor(amount: string): string {
    return this.moneyExact(Number(amount) / 10 ** this.#digits);
  }

  byUnit(value: number | null | undefined, unit: MetricUnit | undefined): string {
    if (unit === 'UNIT_MONEY') return this.moneyExact(value);
    if (unit === 'UNIT_RATIO') return this.percent(value, 2);
    return this.#show(value, { maximumFractionDigits: 3 });
  }

  signedPercent(value: number): string {
    return this.#number({
      style: 'percent',
      signDisplay: 'exceptZero',
      maximumFractionDigits: Math.abs(value) < 0.1 ? 1 : 0,
    }).format(value);
  }

  signed(value: number): string {
    return this.#number({ signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format(value);
  }

  seconds(ms: number): string {
    return this.#number({ maximumFractionDigits: 1, minimumFractionDigits: 1 }).format(ms / 1000);
  }

  #date(options: Intl.DateTimeFormatOptions, zone = 'UTC'): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.locale, { timeZone: zone, ...options });
  }

  time(ms: number): string {
    return this.#date({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }, this.#zone).format(ms);
  }

  moment(iso: string): string {
    return this.#date({ dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' }, this.#zone).format(Date.parse(iso));
  }

  // The day of a moment, in the company's zone.
  dayOf(iso: string): string {
    return this.#date({ day: 'numeric', month: 'short', year: 'numeric' }, this.#zone).format(Date.parse(iso));
  }

  day(day: string): string {
    return this.#date({ day: 'numeric', month: 'short' }).format(noon(day));
  }

  longDay(day: string): string {
    return this.#date({ day: 'numeric', month: 'short', year: 'numeric' }).format(noon(day));
  }

  protoDay(date: ProtoDate | undefined): string {
    return date ? this.longDay(fromProto(date)) : kNone;
  }

  month(month: string): string {
    return this.#date({ month: 'short' }).format(noon(`${month}-01`));
  }

  longMonth(month: string): string {
    return this.#date({ month: 'long', year: 'numeric' }).format(noon(`${month}-01`));
  }

  quarter(n: number): string {
    return this.locale === 'zh-CN' ? `第${n}季度` : `Q${n}`;
  }

  year(year: number): string {
    return this.#date({ year: 'numeric' }).format(noon(`${year}-06-01`));
  }

  // Some days, with the year where it is not this one.
  days(from: string, to: string, thisYear: number): string {
    const year = toProto(to).year === thisYear && toProto(from).year === thisYear ? {} : { year: 'numeric' as const };
    const format = this.#date({ day: 'numeric', month: 'short', ...year });
    // Chinese ranges come as 10/1 – 10/25, which reads as two fractions.
    if (this.locale === 'zh-CN') return `${format.format(noon(from))}至${format.format(noon(to))}`;
    return format.formatRange(noon(from), noon(to));
  }

  period(period: Period): string {
    const { year, month } = toProto(period.from);
    if (period.kind === 'month') return this.longMonth(period.from.slice(0, 7));
    if (period.kind === 'year') return this.year(year);
    const quarter = Math.floor((month - 1) / 3) + 1;
    return this.locale === 'zh-CN' ? `${year}年第${quarter}季度` : `Q${quarter} ${year}`;
  }

  // How long ago while that says something, else the day.
  ago(iso: string, now: number): string {
    if (now - Date.parse(iso) > kAgoMs) return this.dayOf(iso);
    const seconds = Math.min(0, (Date.parse(iso) - now) / 1000);
    const steps: [Intl.RelativeTimeFormatUnit, number][] = [
      ['day', 86_400],
      ['hour', 3600],
      ['minute', 60],
      ['second', 1],
    ];
    const [unit, size] = steps.find(([, size]) => -seconds >= size) ?? ['second', 1];
    return new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto' }).format(Math.ceil(seconds / size), unit);
  }
}
