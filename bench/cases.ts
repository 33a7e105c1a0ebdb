import { claiming } from './cases/claiming.ts'
import { collecting } from './cases/collecting.ts'
import { endToEnd } from './cases/end-to-end.ts'
import { heldMail } from './cases/held-mail.ts'
import { memory } from './cases/memory.ts'
import { model } from './cases/model.ts'
import { pages } from './cases/pages.ts'
import { plans } from './cases/plans.ts'
import { release } from './cases/release.ts'
import { rendering } from './cases/rendering.ts'
import { scaleOut } from './cases/scale-out.ts'
import { smtp } from './cases/smtp.ts'
import { start } from './cases/start.ts'
import { tokens } from './cases/tokens.ts'
import type { BenchCase } from './figures.ts'

/**
 * All measurements, in the order of the table. The start comes first: later this process has gigabytes, and each process
 * that it starts then takes 60 ms longer, because a fork copies the tables of its pages.
 */
export const CASES: readonly BenchCase[] = [
  start,
  endToEnd,
  claiming,
  memory,
  smtp,
  rendering,
  tokens,
  heldMail,
  plans,
  collecting,
  release,
  scaleOut,
  pages,
  model,
]
