// What the server says about a chart, and the colours of the page it stands on.

export interface Series {
  name: string;
  values: number[];
  /** The same figures as people read them, for tips. */
  shown: string[];
  tone?: number;
}

export interface Chart {
  kind: "bars" | "heat";
  categories: string[];
  series: Series[];
  stacked?: boolean;
  /** Names of the rows of a heat map. */
  rows?: string[];
  across?: string;
  up?: string;
  links?: string[];
}

export interface Colours {
  text: string;
  quiet: string;
  line: string;
  surface: string;
  tones: string[];
  from: string;
  to: string;
}

export function palette(place: HTMLElement): Colours {
  const style = getComputedStyle(place);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: of("--ds-text"),
    quiet: of("--ds-quiet"),
    line: of("--ds-line"),
    surface: of("--ds-surface"),
    tones: [1, 2, 3, 4, 5, 6, 7, 8].map((tone) => of(`--ds-tone-${tone}`)),
    from: of("--ds-heat-from"),
    to: of("--ds-heat-to"),
  };
}

const compact = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumFractionDigits: 1 });

export function short(value: number): string {
  return compact.format(value);
}
