import { expect, test } from 'vitest'
import { sameOrganisation } from '../../../src/ground/display/organisational-domain.ts'

test.each([
  ['news@shop.example', 'bounces+4711@mailer.shop.example', true],
  ['a@shop.co.uk', 'b@mail.SHOP.co.uk', true],
  ['a@one.co.uk', 'b@two.co.uk', false],
  ['a@one.github.io', 'b@two.github.io', false],
  ['news@shop.example', 'bounces@sendgrid.net', false],
  ['a@[192.0.2.1]', 'b@[192.0.2.2]', false],
  ['a@localhost', 'b@localhost', true],
])('%s and %s', (one, other, same) => {
  expect(sameOrganisation(one, other)).toBe(same)
})
