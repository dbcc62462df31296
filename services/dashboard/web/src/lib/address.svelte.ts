// The address of the page is where its view is kept: what is chosen goes into it, so that a view
// can be shared, survives a reload, and the browser's buttons go back and forth between views.

export type AddressChange = Record<string, string | undefined>;

class Address {
  #text = $state(location.search);
  readonly #params = $derived(new URLSearchParams(this.#text));

  constructor() {
    addEventListener('popstate', () => (this.#text = location.search));
  }

  // '' where it is not there.
  get(name: string): string {
    return this.#params.get(name) ?? '';
  }

  // The address with these parts changed; undefined takes one out. For links.
  with(changes: AddressChange): string {
    const params = new URLSearchParams(this.#text);
    for (const [name, value] of Object.entries(changes)) {
      if (value) params.set(name, value);
      else params.delete(name);
    }
    const text = params.toString();
    return text ? `?${text}` : location.pathname;
  }

  // A step that the browser's back button takes back.
  go(changes: AddressChange): void {
    const next = this.with(changes);
    if (next === (this.#text || location.pathname)) return;
    history.pushState({ own: true }, '', next);
    this.#text = location.search;
  }

  // Undoes a step of ours; where the page was opened there, the address is corrected instead.
  leave(changes: AddressChange): void {
    if ((history.state as { own?: boolean } | null)?.own) history.back();
    else {
      history.replaceState(null, '', this.with(changes));
      this.#text = location.search;
    }
  }
}

export const address = new Address();
