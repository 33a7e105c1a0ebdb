/** A brand's colour and what is made of it, each as `#rrggbb`. */
export interface Colours {
  /** Buttons with white text, links and headings on light ground. */
  readonly accent: string
  /** The same under the pointer. */
  readonly accentStrong: string
  /** The edge of a button without a ground of its own. */
  readonly edge: string
  /** Buttons, links and headings on dark ground. */
  readonly accentDark: string
  readonly accentStrongDark: string
  /** Text on a button in `accentDark`. */
  readonly onAccentDark: string
}

/** The colours of our mails and pages where no brand has one. The templates are written with them. */
export const OUR_COLOURS: Colours = {
  accent: '#0b6b57',
  accentStrong: '#085243',
  edge: '#7d9a92',
  accentDark: '#5fd0b0',
  accentStrongDark: '#86e0c6',
  onAccentDark: '#06241c',
}

/** WCAG 2.2, 1.4.3: the least contrast of text (AA). */
const AA = 4.5

/** @returns what is wrong with a colour that a brand names, as an expectation; undefined if it can be used */
export function colourFault(text: string): string | undefined {
  const colour = hexColour(text)
  if (colour === undefined) return 'expected a colour such as #0b6b57'
  const reached = contrast(colour, WHITE)
  if (reached >= AA) return undefined
  const found = Math.floor(reached * 10) / 10
  return `expected a colour on which white text can be read (contrast 4.5 or more, WCAG AA); this one has ${found}, and ${darkUntil(colour, WHITE)} would do`
}

/** @param text a colour without a fault */
export function coloursOf(text: string): Colours {
  // Links stand on the grey ground, too, where the contrast is a little lower than on white.
  const accent = darkUntil(hexColour(text) ?? OUR_COLOURS.accent, GROUND)
  const accentDark = lightUntil(accent, DARK_CARD, 7)
  return {
    accent,
    accentStrong: mixed(accent, BLACK, 0.25),
    edge: mixed(accent, GREY, 0.6),
    accentDark,
    accentStrongDark: mixed(accentDark, WHITE, 0.35),
    onAccentDark: mixed(accent, BLACK, 0.75),
  }
}

/** The contrast of two colours, from 1 to 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

const WHITE = '#ffffff'
const BLACK = '#000000'
/** The page around the cards, and the cards in dark mode: as in `templates/pages/colours.css`. */
const GROUND = '#f3f5f7'
const DARK_CARD = '#1b2229'
/** It has a contrast of 3 to white, which the edge of a button needs (WCAG 2.2, 1.4.11). */
const GREY = '#8b949c'

/** `#06c` and `#0066CC` are `#0066cc`; undefined for anything else. */
function hexColour(text: string): string | undefined {
  const digits = /^#([0-9a-f]{3}|[0-9a-f]{6})$/.exec(text.trim().toLowerCase())?.[1]
  if (digits === undefined) return undefined
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`
}

const darkUntil = (colour: string, ground: string): string => mixedUntil(colour, BLACK, ground, AA)
const lightUntil = (colour: string, ground: string, least: number): string =>
  mixedUntil(colour, WHITE, ground, least)

/** The colour with as little of another as gives it enough contrast. */
function mixedUntil(colour: string, other: string, ground: string, least: number): string {
  for (let part = 0; part < STEPS; part += 1) {
    const candidate = mixed(colour, other, part / STEPS)
    if (contrast(candidate, ground) >= least) return candidate
  }
  return other
}

const STEPS = 100

function mixed(colour: string, other: string, part: number): string {
  const channels = channelsOf(colour).map((channel, index) => {
    const value = Math.round(channel * (1 - part) + (channelsOf(other)[index] ?? 0) * part)
    return value.toString(16).padStart(2, '0')
  })
  return `#${channels.join('')}`
}

const channelsOf = (colour: string): number[] =>
  [1, 3, 5].map(start => Number.parseInt(colour.slice(start, start + 2), 16))

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(colour).map(channel => {
    const part = channel / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
