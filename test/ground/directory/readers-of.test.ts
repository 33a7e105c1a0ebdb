import { expect, test } from 'vitest'
import { addresses } from '../../../src/ground/directory/addresses.ts'
import { answersFor, holdersOf, isReader } from '../../../src/ground/directory/readers-of.ts'

test('an answer is found under the spelling of the recipient, and an invalid address has none', async () => {
  const answers = await answersFor(addresses(''), ['Alice@Example.com', 'alice@example.com', ''])
  expect([...answers].map(([recipient, answer]) => [recipient, holdersOf(recipient, answer)])).toEqual([
    ['Alice@Example.com', ['alice@example.com']],
    ['alice@example.com', ['alice@example.com']],
  ])
})

test('with a recipient delimiter, an extension is the mailbox of the name before it', async () => {
  const answers = await answersFor(addresses('+'), ['Bob+List@example.com'])
  expect(answers.get('Bob+List@example.com')?.readers).toEqual([{ address: 'bob@example.com', isOff: false }])
})

test('a message that nobody reads waits under its own address, which is no reader', () => {
  const nobody = { readers: [], by: [] }
  expect(holdersOf('Nobody@Example.com', nobody)).toEqual(['nobody@example.com'])
  expect(isReader(nobody, 'nobody@example.com')).toBe(false)
})

test('who is switched off holds messages and is no reader', () => {
  const answer = { readers: [{ address: 'bob@example.com', isOff: true }], by: [] }
  expect(holdersOf('bob@example.com', answer)).toEqual(['bob@example.com'])
  expect(isReader(answer, 'bob@example.com')).toBe(false)
})
