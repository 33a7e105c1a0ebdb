import { lstatSync, readlinkSync } from 'node:fs'
import { dirname, isAbsolute } from 'node:path'

/** Where a file really is: what the symbolic links at its place lead to, even if nothing is there yet. */
export function placeOf(path: string): string {
  let place = path
  for (let links = 0; links < MAX_LINKS; links += 1) {
    if (!lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) return place
    const target = readlinkSync(place)
    // Not normalised: the folder may itself be reached through a link, and then `..` is for the system to follow.
    place = isAbsolute(target) ? target : `${dirname(place)}/${target}`
  }
  throw Object.assign(new Error(`ELOOP: ${path}`), { code: 'ELOOP' })
}

/** As Linux has it: path_resolution(7). */
const MAX_LINKS = 40
