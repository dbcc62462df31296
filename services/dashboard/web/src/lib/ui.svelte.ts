// Language and theme of this browser, and what follows from them: the words and the formats.
import { Format } from './format';
import { en } from './i18n/en';
import type { Messages } from './i18n/en';
import { zh } from './i18n/zh';
import { session } from './session.svelte';
import type { Opportunity } from './types';

export type Lang = 'zh' | 'en';
export type Theme = 'auto' | 'light' | 'dark';

// Storage may be refused (private windows); the page works without.
function remembered<T extends string>(key: string, allowed: readonly T[]): T | undefined {
  try {
    return allowed.find((value) => value === localStorage.getItem(key));
  } catch {
    return undefined;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Only this visit, then.
  }
}

const kLang = 'spm.lang';
const kTheme = 'spm.theme';

class Ui {
  #chosen = $state(remembered<Lang>(kLang, ['zh', 'en']));
  theme = $state<Theme>(remembered<Theme>(kTheme, ['auto', 'light', 'dark']) ?? 'auto');

  // The choice of this browser, else the company's language, else the browser's own.
  lang: Lang = $derived.by(() => {
    const own = session.company?.language ?? navigator.language;
    return this.#chosen ?? (own.startsWith('zh') ? 'zh' : 'en');
  });
  m: Messages = $derived(this.lang === 'zh' ? zh : en);
  format: Format = $derived(new Format(this.lang, session.company));

  chooseLang(lang: Lang): void {
    this.#chosen = lang;
    remember(kLang, lang);
  }

  chooseTheme(theme: Theme): void {
    this.theme = theme;
    document.documentElement.dataset.theme = theme;
    remember(kTheme, theme);
  }

  metric(name: string): string {
    return this.m.metrics[name] ?? name.replaceAll('_', ' ');
  }

  // Deals of imports often have no name but the key of the other system.
  deal(deal: Opportunity): string {
    return deal.name || deal.externalIds?.[0]?.id || this.m.deal.title;
  }

  // Name of a deal's or fact's person; '' is nobody.
  person(id: string): string {
    return id ? (session.name(id) ?? this.m.unknown) : this.m.units.nobody;
  }

  stage(pipeline: string, id: string, fallback = id): string {
    const stage = session.stage(pipeline, id);
    if (!stage) return fallback;
    return (this.lang === 'zh' && stage.nameZh) || stage.name || fallback;
  }
}

export const ui = new Ui();
