import type { ByHandDeps } from '../../../../src/desks/admin/stuck/target.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { NOW } from '../../../embedded/clock.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../../embedded/program.ts'
import { releaseItem } from '../../../embedded/release-item.ts'

/** A program whose SMTP server and amavisd answer as the test wants, with held mail to work on. */
export interface StuckProgram extends EmbeddedProgram {
  readonly byHand: ByHandDeps
  /** Holds a message for each reader. @returns its item for each */
  held(...readers: readonly string[]): Promise<string[]>
  /** Makes digests of all that waits, and tries to send them. */
  runNow(): Promise<void>
  /** Releases the item as a click of its reader would. */
  click(itemId: string): Promise<void>
}

export async function stuckProgram(): Promise<StuckProgram> {
  const program = await embeddedProgram()
  const { deps, time, rows } = program
  const runFor = async (readers?: readonly string[]) => {
    const { digests } = await run(deps, { schedule: undefined, readers, dueAt: time.now })
    const { sent } = await deliver(deps, { dueAt: time.now, readers })
    return { digests, sent }
  }
  return {
    ...program,
    byHand: { ...deps, sendNow: reader => runFor([reader]) },
    async held(...readers) {
      await hold(program.storage, ...readers.map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
      await collect(deps, time.now)
      const items = await rows('digest_item')
      return readers.map(reader => items.findLast(item => item.reader === reader)?.item_id ?? '')
    },
    async runNow() {
      await runFor()
    },
    async click(itemId) {
      const [reader = ''] = (await rows('digest_item'))
        .filter(item => item.item_id === itemId)
        .map(item => item.reader)
      const actor = { kind: 'reader', name: reader, remoteAddress: null } as const
      await releaseItem(deps, { itemId, actor, requestedBy: reader, confirmed: false, again: false })
    },
  }
}
