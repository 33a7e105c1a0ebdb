import type { Meter } from '../../src/ground/metrics/meter.ts'

/** What the use-cases have told, in its order: the name of the call and its arguments. */
export interface RecordingMeter extends Meter {
  readonly calls: readonly MeterCall[]
}

export type MeterCall = { [Name in keyof Meter]: [Name, ...Parameters<Meter[Name]>] }[keyof Meter]

export function recordingMeter(): RecordingMeter {
  const calls: MeterCall[] = []
  return {
    calls,
    collected: (...told) => void calls.push(['collected', ...told]),
    delivered: (...told) => void calls.push(['delivered', ...told]),
    released: (...told) => void calls.push(['released', ...told]),
    retried: (...told) => void calls.push(['retried', ...told]),
    linkRequested: (...told) => void calls.push(['linkRequested', ...told]),
    machineSeen: (...told) => void calls.push(['machineSeen', ...told]),
  }
}
