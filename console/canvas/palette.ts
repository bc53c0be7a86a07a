/** The page's colours, for canvases: read from the style sheet, so that light and dark are decided in one place. */
export type Rgb = readonly [red: number, green: number, blue: number];

export type Palette = {
  readonly panel: string;
  readonly ink: string;
  readonly soft: string;
  readonly line: string;
  readonly accent: string;
  readonly glow: string;
  readonly bad: string;
  readonly font: string;
  /** Colours as numbers, where they are mixed. */ readonly mix: {
    readonly panel: Rgb;
    readonly ink: Rgb;
    readonly glow: Rgb;
  };
};

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    panel: color('panel'),
    ink: color('ink'),
    soft: color('ink-soft'),
    line: color('line'),
    accent: color('accent'),
    glow: color('glow'),
    bad: color('bad'),
    font: style.fontFamily,
    mix: { panel: rgbOf(color('panel')), ink: rgbOf(color('ink')), glow: rgbOf(color('glow')) },
  };
}

/** The parts of a colour `#rrggbb`, the form that the style sheet keeps to. */
function rgbOf(color: string): Rgb {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** `share` 0 gives `from`, 1 gives `to`. */
export function mixed(from: Rgb, to: Rgb, share: number): string {
  const [red, green, blue] = from.map((value, index) => Math.round(value + ((to[index] ?? 0) - value) * share));
  return `rgb(${red} ${green} ${blue})`;
}
