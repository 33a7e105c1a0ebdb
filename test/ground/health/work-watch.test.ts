import { expect, test } from 'vitest'
import { CodedError } from '../../../src/ground/errors.ts'
import { createWorkWatch, WORKS } from '../../../src/ground/health/work-watch.ts'
import { manualClock } from '../../embedded/clock.ts'

const READ_ONLY = new CodedError('DATABASE_READ_ONLY', 'the server is read-only')

test('work that fails shows its code until it succeeds, and passes its outcome on', async () => {
  const { works, failing } = watched()
  await expect(works.run('collecting', 'held mail', () => Promise.reject(READ_ONLY))).rejects.toBe(READ_ONLY)
  expect(failing()).toEqual({ collecting: 'DATABASE_READ_ONLY' })
  expect(await works.run('collecting', 'held mail', async () => 7)).toBe(7)
  expect(failing()).toEqual({})
})

test('the success of one task says nothing about the others of the same work', () => {
  const { works, failing } = watched()
  works.failed('recording', 'audit', new Error('what is this'))
  works.failed('recording', 'clicks', READ_ONLY)
  works.succeeded('recording', 'clicks')
  expect(failing()).toEqual({ recording: 'INTERNAL' })
})

test('a failure that was not repeated is forgotten after a minute', () => {
  const { works, failing, time } = watched()
  works.failed('releasing', 'on request', READ_ONLY)
  time.now += 59_999
  expect(failing()).toEqual({ releasing: 'DATABASE_READ_ONLY' })
  works.failed('releasing', 'on request', READ_ONLY)
  time.now += 59_999
  expect(failing()).toEqual({ releasing: 'DATABASE_READ_ONLY' })
  time.now += 1
  expect(failing()).toEqual({})
})

test('that a database or the queue could not be reached is left to these parts', () => {
  const { works, failing } = watched()
  for (const code of ['DATABASE_UNREACHABLE', 'QUEUE_UNREACHABLE'] as const) {
    works.failed('collecting', 'held mail', new CodedError(code, 'away'))
  }
  expect(failing()).toEqual({})
})

test('each kind of work has a state from the start', () => {
  expect(
    watched()
      .works.states()
      .map(({ part }) => part),
  ).toEqual([...WORKS])
})

function watched() {
  const time = manualClock()
  const works = createWorkWatch(time.clock)
  const failing = () =>
    Object.fromEntries(works.states().flatMap(({ part, code }) => (code ? [[part, code]] : [])))
  return { works, failing, time }
}
