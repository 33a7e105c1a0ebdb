import type { Meter } from '../../src/ground/metrics/meter.ts'

/** For those whom nobody watches. */
export const SILENT_METER: Meter = {
  collected: () => {},
  delivered: () => {},
  released: () => {},
  retried: () => {},
  linkRequested: () => {},
  machineSeen: () => {},
}
