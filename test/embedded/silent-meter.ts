import type { Meter } from '../../src/ground/metrics/meter.ts'

/** A meter that records nothing. */
export const SILENT_METER: Meter = {
  collected: () => {},
  delivered: () => {},
  released: () => {},
  retried: () => {},
  linkRequested: () => {},
  machineSeen: () => {},
  refused: () => {},
}
