import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { linkTurns } from '../../../../src/doors/http/front/link-turns.ts'

test('who waits is counted by caller and by token, apart, until it is their turn', () => {
  const waiting: (() => void)[] = []
  const turns = linkTurns({
    take(_, perform) {
      waiting.push(perform)
      return 'waits'
    },
  })
  const socket = { isPaused: () => false, pause: () => undefined, destroyed: false }
  const request = { socket } as unknown as IncomingMessage
  const madeUp = { caller: '192.0.2.1', token: '192.0.2.2' }
  turns.take('refusal', request, madeUp, () => undefined)
  expect(turns.waiting(madeUp)).toEqual({ ofCaller: 1, byToken: 1 })
  expect(turns.waiting({ caller: madeUp.token, token: 'other' })).toEqual({ ofCaller: 0, byToken: 0 })
  waiting[0]?.()
  expect(turns.waiting(madeUp)).toEqual({ ofCaller: 0, byToken: 0 })
})
