import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DAY } from '../../src/ground/durations.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import { readValue, replaceValue } from '../../src/ground/state/named-values.ts'
import { openRequest } from '../../src/work/requests/open-request.ts'
import { reopenRequest } from '../../src/work/requests/reopen-request.ts'
import {
  changeRequest,
  findOpenRequest,
  findRequest,
  lastRequests,
} from '../../src/work/requests/request-rows.ts'
import { manualClock, NOW } from '../embedded/clock.ts'
import type { StateDatabaseMaker } from './state-database.ts'

const ROW = {
  partitionTag: 0,
  mailId: 'wanted',
  rseqnum: 1,
  timeNum: 1_773_200_000,
  recipient: 'Alice@Example.com',
  content: 'B',
}

/** What requests promise on every database, even when many people ask and decide at once. */
export function requestsContract(maker: StateDatabaseMaker): void {
  describe(`requests in ${maker.name}`, () => {
    const time = manualClock()
    let database: Awaited<ReturnType<typeof maker.open>>
    const open = (reader: string, at = NOW) =>
      openRequest(
        { state: database.state, requestTerms: { expire: 7 * DAY } },
        { ...ROW, mailId: `wanted${message}` },
        [{ reader, itemId: `item of ${reader}` }],
        at,
      )

    let message = 0

    beforeAll(async () => {
      database = await maker.open()
      await migrate(database.state)
    })
    beforeEach(() => {
      message += 1
    })
    afterAll(() => database?.close())

    test('of many who ask at once, all get the one request that waits', async () => {
      const requests = await Promise.all(
        Array.from({ length: 12 }, (_, index) => open(`reader${index}@example.com`)),
      )
      expect(new Set(requests.map(request => request?.id)).size).toBe(1)
      const rows = await database.state.sql.selectFrom('digest_request').selectAll().execute()
      expect(rows).toHaveLength(1)
      expect(requests[0]).toMatchObject({
        domain: 'example.com',
        kind: 'banned',
        version: 1,
        expiresAt: NOW + 7 * DAY,
      })
      expect(requests[0]?.readers).toHaveLength(1)
    })

    test('of many who decide at once, one wins; then the message can be asked for anew, and the last request counts', async () => {
      const request = await open('alice@example.com')
      if (!request) throw new Error('no request')
      const note = 'تفضل 😀 <b>'
      const decisions = ['ann', 'ben', 'cem', 'dan'].map(by =>
        changeRequest(database.state, request, {
          state: 'refused',
          open_held_id: null,
          decided_by: by,
          note,
        }),
      )
      expect((await Promise.all(decisions)).filter(won => won)).toHaveLength(1)
      expect(await findRequest(database.state, request.id)).toMatchObject({
        state: 'refused',
        note,
        version: 2,
      })
      expect(await findOpenRequest(database.state, request.heldId)).toBeUndefined()
      const again = await open('bob@example.com', NOW + 1)
      expect(again?.id).not.toBe(request.id)
      const last = await lastRequests(database.state, [request.heldId])
      expect(last.get(request.heldId)).toMatchObject({ id: again?.id, readers: ['bob@example.com'] })
    })

    test('one that was gone waits again once, and its readers count as told nothing', async () => {
      const request = await open('alice@example.com')
      if (!request) throw new Error('no request')
      const { state } = database
      await changeRequest(state, request, { state: 'gone', open_held_id: null })
      await state.sql.updateTable('digest_request_reader').set({ told: 'gone' }).execute()
      const gone = await findRequest(state, request.id)
      if (!gone) throw new Error('no request')
      const reopened = await Promise.all([1, 2].map(() => reopenRequest({ state, clock: time.clock }, gone)))
      expect(reopened.filter(won => won)).toHaveLength(1)
      expect(await findOpenRequest(state, request.heldId)).toMatchObject({ asked: [{ told: null }] })
    })

    test('of many processes that want to write to an admin, one does', async () => {
      const claim = async (seen: number | undefined) =>
        Promise.all(
          [1, 2, 3, 4].map(value => replaceValue(database.state, 'requests-telling/x', seen, value)),
        )
      expect((await claim(undefined)).filter(won => won)).toHaveLength(1)
      const value = await readValue(database.state, 'requests-telling/x')
      const rivals = await Promise.all(
        [11, 12, 13].map(next => replaceValue(database.state, 'requests-telling/x', value, next)),
      )
      expect(rivals.filter(won => won)).toHaveLength(1)
    })
  })
}
