import { describe, expect, test } from 'vitest'
import { KINDS } from '../../../src/ground/amavis/content.ts'
import type { HeldMailState } from '../../../src/ground/amavis/held-mail.ts'
import {
  kindsNeverOffered,
  mayReleaseItself,
  offerFor,
  offerToReader,
} from '../../../src/rules/policy/offer.ts'
import { asReader } from '../../../src/rules/reach/visitor.ts'
import { policiesWith, STANDARD_POLICIES } from '../../standard-policies.ts'

const recipient = 'alice@example.com'
const alice = asReader(recipient)
const spam = { kind: 'spam', state: 'held', recipient } as const

describe('what may be done with a message', () => {
  test.each([
    ['release', 'release'],
    ['confirm', 'confirm'],
    ['request', 'request'],
    ['never', 'none'],
  ] as const)('a held message whose policy is %s: %s', (policy, offer) => {
    const policies = policiesWith({ spam: policy })
    expect(offerFor(spam, policies, alice)).toBe(offer)
    expect(offerToReader(spam, policies)).toBe(offer)
  })

  test.each<HeldMailState>(['delivered', 'released', 'gone', 'pending'])(
    'a message that is %s: nothing',
    state => {
      for (const kind of KINDS)
        expect(offerFor({ kind, state, recipient }, STANDARD_POLICIES, alice)).toBe('none')
    },
  )

  test('nothing, for a visitor whose link does not allow a release', () => {
    const visitor = { reader: 'alice@example.com', by: 'link', may: ['settings'] } as const
    expect(offerFor(spam, STANDARD_POLICIES, visitor)).toBe('none')
  })
})

test('the kinds that no digest lists are those whose policy is never', () => {
  expect(kindsNeverOffered(policiesWith({ banned: 'never', virus: 'never' }))).toEqual(
    KINDS.filter(kind => kind === 'banned' || kind === 'virus'),
  )
})

test('a page releases by itself only mail that an admin lets out with one click and that is not risky', () => {
  expect(KINDS.filter(kind => mayReleaseItself(kind, 'release'))).toEqual(
    KINDS.filter(kind => !['banned', 'unchecked', 'virus'].includes(kind)),
  )
  expect(KINDS.filter(kind => mayReleaseItself(kind, 'confirm'))).toEqual([])
})
