import type { Meter } from '../../src/ground/metrics/meter.ts'

/** Records what the use-cases report, in order: the name of each call and its arguments. */
export interface RecordingMeter extends Meter {
  readonly calls: readonly MeterCall[]
}

export type MeterCall = { [Name in keyof Meter]: [Name, ...Parameters<Meter[Name]>] }[keyof Meter]

export function recordingMeter(): RecordingMeter {
  const calls: MeterCall[] = []
  return {
    calls,
    collected: (...args) => void calls.push(['collected', ...args]),
    delivered: (...args) => void calls.push(['delivered', ...args]),
    released: (...args) => void calls.push(['released', ...args]),
    retried: (...args) => void calls.push(['retried', ...args]),
    linkRequested: (...args) => void calls.push(['linkRequested', ...args]),
    refused: (...args) => void calls.push(['refused', ...args]),
    machineSeen: (...args) => void calls.push(['machineSeen', ...args]),
  }
}
