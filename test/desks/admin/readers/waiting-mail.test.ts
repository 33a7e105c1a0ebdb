import { expect, test } from 'vitest'
import { findDigest } from '../../../../src/desks/admin/digests/find-digest.ts'
import { waitingMail } from '../../../../src/desks/admin/readers/waiting-mail.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { NOW } from '../../../embedded/clock.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert, itemRow } from '../../../embedded/rows.ts'

const ALICE = 'alice@example.com'

test('only the newest 100 messages are shown, both of what waits and of what a digest lists', async () => {
  const program = await embeddedProgram()
  await insert(program, 'digest_digest', [digestRow('d', ALICE, NOW)])
  for (const digestId of [null, 'd']) {
    // The oldest were collected first.
    const times = Array.from({ length: 130 }, (_, index) => NOW - (2000 - index) * HOUR)
    const rows = times.map((at, index) => itemRow(`${digestId}-${index}`, ALICE, at, { digest_id: digestId }))
    await insert(program, 'digest_item', rows)
  }
  const ids = (prefix: string) => Array.from({ length: 100 }, (_, index) => `${prefix}-${129 - index}`)
  const waiting = await waitingMail(program.deps, undefined, ALICE)
  expect(waiting.map(({ itemId }) => itemId)).toEqual(ids('null'))
  const { messages } = await findDigest(program.deps, undefined, 'd')
  expect(messages.map(({ itemId }) => itemId)).toEqual(ids('d'))
})
