import { pino } from 'pino'
import { addresses } from '../src/ground/directory/addresses.ts'
import { DAY, MINUTE } from '../src/ground/durations.ts'
import { SILENT_METER } from '../test/embedded/silent-meter.ts'

/** How held mail is collected where nothing is configured: each address reads its own mail. */
export const COLLECTING = {
  directory: addresses(''),
  filter: { localOnly: true, excludedKinds: ['virus'] },
  overlap: 15 * MINUTE,
  initial: DAY,
  domain: 'example.com',
  meter: SILENT_METER,
  log: pino({ level: 'silent' }),
} as const
