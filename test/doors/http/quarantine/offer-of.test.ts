import { expect, test } from 'vitest'
import { offerOf } from '../../../../src/doors/http/quarantine/offer-of.ts'
import { signedIn } from '../../../embedded/viewers.ts'
import { policiesWith } from '../../../standard-policies.ts'

const ALICE = 'alice@example.com'

test('what an admin has refused is not offered, until the policy lets its reader release it', () => {
  const request = {
    id: '',
    state: 'refused',
    askedByThisReader: true,
    askedAt: 0,
    expiresAt: 0,
    readers: [],
  } as const
  const ended = { decidedAt: 0, note: undefined }
  const held = { kind: 'banned', state: 'held', recipient: ALICE, request: { ...request, ...ended } } as const
  expect(offerOf(held, policiesWith({ banned: 'request' }), signedIn(ALICE))).toBe('none')
  expect(offerOf(held, policiesWith({ banned: 'confirm' }), signedIn(ALICE))).toBe('confirm')
})
