import { createRequire } from 'node:module'
import type * as Tldts from 'tldts'
import { expect, test, vi } from 'vitest'
import { sameOrganisation } from '../../../src/ground/display/organisational-domain.ts'

const load = createRequire(import.meta.url)
const filesOfList = (): string[] => Object.keys(load.cache).filter(file => file.includes('/tldts/dist/cjs/'))

test('a domain of two labels is its own organisation, for which no list is loaded', async () => {
  // Another test file may have loaded it.
  for (const file of filesOfList()) delete load.cache[file]
  vi.resetModules()
  const { organisationOf } = await import('../../../src/ground/display/organisational-domain.ts')
  const domains = [
    'shop.example',
    'example.com',
    'co.uk',
    'github.io',
    '192.168',
    '-a.b',
    `${'a'.repeat(70)}.com`,
  ]
  expect(domains.map(organisationOf)).toEqual(domains)
  expect(filesOfList()).toEqual([])
  const { getDomain } = load('tldts') as typeof Tldts
  expect(domains.map(domain => getDomain(domain, { allowPrivateDomains: true }) ?? domain)).toEqual(domains)
  expect(filesOfList()).not.toEqual([])
  expect(organisationOf('mail.Example.com')).toBe('example.com')
})

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
