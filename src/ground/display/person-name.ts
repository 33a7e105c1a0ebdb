import { displayAddress } from './address.ts'
import { displayText } from './text.ts'

/** Who did something: an address, a user of the server, or the name of a key, as in `nightly (API key 3f…)`. */
export const personName = (name: string): string =>
  /\s/.test(name) ? displayText(name, LONGEST) : displayAddress(name, LONGEST)

const LONGEST = 255
