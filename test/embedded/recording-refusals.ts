import type { Refusal, Refusals } from '../../src/ground/audit/refusals.ts'

/** Records what was refused to strangers, in order; `logged` is what leaves a line in the log. */
export interface RecordingRefusals extends Pick<Refusals, 'add' | 'log'> {
  readonly added: readonly Refusal[]
  readonly logged: readonly Refusal[]
}

export function recordingRefusals(): RecordingRefusals {
  const added: Refusal[] = []
  const logged: Refusal[] = []
  return {
    added,
    logged,
    add: refusal => void added.push(refusal),
    log: refusal => void logged.push(refusal),
  }
}
