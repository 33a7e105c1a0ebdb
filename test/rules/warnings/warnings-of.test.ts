import { describe, expect, test } from 'vitest'
import { looksLike } from '../../../src/rules/warnings/look-alike.ts'
import { warningsOf } from '../../../src/rules/warnings/warnings-of.ts'

const said = {
  from: 'Sam <sam@sender.example>',
  replyTo: '',
  sender: 'sam@sender.example',
  isOriginating: false,
  ownDomains: ['example.com'],
}

describe('warnings', () => {
  test('an ordinary message has none', () => {
    expect(warningsOf(said)).toEqual([])
    expect(warningsOf({ ...said, replyTo: 'Sam <sam@mail.sender.example>' })).toEqual([])
  })

  test('our own domain from outside', () => {
    const own = { ...said, from: 'Boss <boss@Example.com>' }
    expect(warningsOf(own)).toEqual([{ about: 'ownDomain', domain: 'example.com' }])
    expect(warningsOf({ ...own, isOriginating: true })).toEqual([])
  })

  test('a domain that looks like ours, in the From and in the envelope', () => {
    const like = { about: 'lookAlike', domain: 'examp1e.com', like: 'example.com' }
    expect(warningsOf({ ...said, from: 'a@examp1e.com' })).toEqual([like])
    expect(warningsOf({ ...said, sender: 'a@examp1e.com' })).toEqual([like])
  })

  test('a name that holds another address', () => {
    expect(warningsOf({ ...said, from: '"boss@bank.example" <sam@sender.example>' })).toEqual([
      { about: 'addressInName', address: 'boss@bank.example' },
    ])
    expect(warningsOf({ ...said, from: 'sam@sender.example <sam@sender.example>' })).toEqual([])
  })

  test('answers that go elsewhere', () => {
    expect(warningsOf({ ...said, replyTo: 'x@elsewhere.example' })).toEqual([
      { about: 'replyElsewhere', address: 'x@elsewhere.example' },
    ])
  })
})

describe('a domain looks like example.com', () => {
  test.each([
    'examp1e.com',
    'exarnple.com',
    'exmaple.com',
    'exampl.com',
    'examplle.com',
    'example.con',
    'example.co',
    'xn--exmple-4nf.com',
    'example.com.evil.net',
    'login-example.com.evil.net',
    'example-com.net',
  ])('%s', domain => {
    expect(looksLike(domain, 'example.com')).toBe(true)
  })

  test.each(['example.com', 'mail.example.com', 'sample.org', 'shop.net', 'examination.com'])(
    'not %s',
    domain => {
      expect(looksLike(domain, 'example.com')).toBe(false)
    },
  )

  test('not a short one by one letter', () => {
    expect(looksLike('abd.net', 'abc.net')).toBe(false)
  })
})
