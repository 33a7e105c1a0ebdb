import { HOSTILE } from './hostile.ts'
import { JUNK } from './junk.ts'
import { LANGUAGES } from './languages.ts'
import { RISKY } from './risky.ts'
import type { Sample } from './sample.ts'
import { UNLISTED } from './unlisted.ts'
import { WANTED } from './wanted.ts'

/** All mail that amavisd held, delivered or was still working on during the last 20 hours. */
export const SAMPLES: readonly Sample[] = [
  ...WANTED,
  ...JUNK,
  ...LANGUAGES,
  ...RISKY,
  ...HOSTILE,
  ...UNLISTED,
]
