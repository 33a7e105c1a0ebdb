import { displayText } from '../display/text.ts'
import { type Colours, coloursOf } from './colours.ts'
import { type Logo, readLogo } from './logo.ts'

/** Whose mails and pages these are. */
export interface Brand {
  /** Without hidden characters and bounded, but not escaped; empty if there is none. */
  readonly name: string
  /** Undefined: ours. */
  readonly colours: Colours | undefined
  readonly logo: Logo | undefined
}

export const NO_BRAND: Brand = { name: '', colours: undefined, logo: undefined }

/** The options of a brand, each without a fault. */
export interface BrandOptions {
  readonly name?: string | undefined
  readonly logo?: string | undefined
  readonly colour?: string | undefined
}

/** @throws CodedError CONFIG_INVALID when the logo cannot be used */
export const brandOf = ({ name, logo, colour }: BrandOptions): Brand => ({
  name: brandName(name),
  colours: colour === undefined ? undefined : coloursOf(colour),
  logo: logo === undefined ? undefined : readLogo(logo),
})

/** A logo inside a page, which loads nothing. */
export const logoUrl = ({ type, content }: Logo): string =>
  `data:${type};base64,${content.toString('base64')}`

/** What the layouts of pages show. */
export const brandOfPages = (brand: Brand) => ({
  brand: brand.name,
  brandLogo: brand.logo && { src: logoUrl(brand.logo), width: brand.logo.width, height: brand.logo.height },
  brandStyle: brandStyle(brand),
})

/** The name as it is shown, in a From field too. */
export const brandName = (name = ''): string => displayText(name, MOST_NAME)

/** More does not fit into one line of a phone or of a list of mails. */
const MOST_NAME = 60

/**
 * A style sheet that puts a brand's colours in place of ours; empty if it has none. It has no character that HTML would
 * have to escape.
 */
export function brandStyle({ colours }: Brand): string {
  if (colours === undefined) return ''
  const { accent, accentStrong, accentDark, accentStrongDark, onAccentDark } = colours
  const light = `--accent:${accent};--accent-strong:${accentStrong};--on-accent:#ffffff`
  const dark = `--accent:${accentDark};--accent-strong:${accentStrongDark};--on-accent:${onAccentDark}`
  return `:root{${light}}@media (prefers-color-scheme:dark){:root{${dark}}}h1,section>h2,.site,.brand{color:var(--accent)}`
}
