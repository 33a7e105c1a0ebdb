import { claiming } from './cases/claiming.ts'
import { endToEnd } from './cases/end-to-end.ts'
import { heldMail } from './cases/held-mail.ts'
import { memory } from './cases/memory.ts'
import { rendering } from './cases/rendering.ts'
import { start } from './cases/start.ts'
import { tokens } from './cases/tokens.ts'
import type { BenchCase } from './figures.ts'

/** All measurements, in the order of the table. */
export const CASES: readonly BenchCase[] = [endToEnd, claiming, memory, rendering, tokens, heldMail, start]
