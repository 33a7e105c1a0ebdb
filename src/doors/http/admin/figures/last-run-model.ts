import type { LastRun } from '../../../../desks/admin/figures/last-run.ts'
import { DIGEST_STATES } from '../../../../ground/state/states.ts'
import type { Writer } from '../../web/writer.ts'
import { nearTime } from '../frame/near-time.ts'

/** What became of the digests of the last run: each figure leads to the digests that it counts. */
export function lastRunModel({ runId, schedule, at, digests, messages }: LastRun, writer: Writer): object {
  const { words, number, url } = writer
  return {
    at: nearTime(at, writer),
    machine: new Date(at).toISOString(),
    schedule: schedule ?? words.say('admin.digests.byHand'),
    messages: number(messages),
    states: DIGEST_STATES.filter(state => digests[state] > 0 || state === 'sent' || state === 'failed').map(
      state => ({
        label: words.say(`admin.digest.${state}`),
        count: number(digests[state]),
        url: url(`/admin/digests?${new URLSearchParams({ run: runId, state })}`),
      }),
    ),
  }
}
