import { expect, test } from 'vitest'
import { requireSensible } from '../../../src/rules/senders/require-sensible.ts'

const OURS = ['example.com', 'example.org']

const refused = (owner: string, sender: string, ownDomains = OURS) =>
  (['allow', 'block'] as const).every(list => {
    try {
      requireSensible(owner, { sender, list }, ownDomains)
      return false
    } catch (error) {
      expect(error).toMatchObject({ code: 'SENDER_INVALID' })
      return true
    }
  })

test.each([
  ['alice@example.com', 'alice@example.com'],
  ['alice@example.com', '@example.com'],
  ['alice@example.com', '@.example.com'],
  ['alice@example.com', '@news.example.com'],
  ['alice@example.com', '@example.org'],
  ['alice@sub.example.net', '@.example.net'],
  ['alice@example.com', '@gmail.com'],
  ['alice@example.com', '@.gmail.com'],
  ['alice@example.com', '@.com'],
  ['@example.com', 'info@example.com'],
  ['@example.com', '@example.com'],
  ['@.', 'info@example.org'],
  ['@.', '@example.org'],
])('%s cannot allow or block %s', (owner, sender) => {
  expect(refused(owner, sender)).toBe(true)
})

test.each([
  ['alice@example.com', 'bob@example.com'],
  ['alice@example.com', 'bob@gmail.com'],
  ['alice@example.com', '@shop.example.net'],
  ['alice@cs.example.net', '@example.net'],
  ['@example.com', 'bob@shop.example.net'],
  ['@.', '@.shop.example.net'],
])('%s can allow and block %s', (owner, sender) => {
  for (const list of ['allow', 'block'] as const)
    expect(() => requireSensible(owner, { sender, list }, OURS)).not.toThrow()
})

test('the refusal says why, and what can be written', () => {
  const why =
    (sender: string, list: 'allow' | 'block' = 'allow') =>
    () =>
      requireSensible('alice@example.com', { sender, list }, [])
  expect(why('alice@example.com')).toThrow(
    /^alice@example\.com is your own address\. Spammers write it into From/,
  )
  expect(why('alice@example.com', 'block')).toThrow(/hold your own mail/)
  expect(why('@gmail.com')).toThrow(/^Anybody can get an address at gmail\.com\. Write the one/)
  expect(why('@example.com')).toThrow(/your own domain.*such as bob@example\.com/)
})
