import { expect, test } from 'vitest'
import { readerInReach, readersOf } from '../../../../src/desks/admin/reach/readers-in-reach.ts'
import { directoryWith } from '../../../embedded/directory.ts'

const [ALICE, SALES, INFO, BOB] = [
  'alice@example.com',
  'sales@example.org',
  'info@example.com',
  'bob@example.org',
] as const

/** Alice reads the mail of an address in Bob's domain, and Bob reads the mail of an address in hers. */
const deps = { directory: directoryWith({ [SALES]: [ALICE], [INFO]: [BOB], 'nobody@example.com': [] }) }

test('the reader decides what is in reach, whatever the domain of the address is', async () => {
  expect(await readerInReach(deps, ['example.com'], SALES)).toBe(ALICE)
  expect(await readerInReach(deps, ['example.org'], SALES)).toBeUndefined()
  expect(await readerInReach(deps, ['example.org'], INFO)).toBe(BOB)
  expect(await readerInReach(deps, ['example.com'], INFO)).toBeUndefined()
  expect(await readerInReach(deps, undefined, INFO)).toBe(BOB)
  await expect(readerInReach(deps, ['example.net'], SALES)).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
    message: expect.not.stringContaining(ALICE),
  })
})

test('an address that nobody reads stands for itself', async () => {
  expect(await readerInReach(deps, ['example.com'], 'Nobody@Example.com')).toBe('nobody@example.com')
  await expect(readerInReach(deps, ['example.com'], 'nobody@example.org')).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
  })
})

test('the readers of several addresses keep their order, and a reader out of reach is not revealed', async () => {
  expect(await readersOf(deps, ['example.com'], [SALES, INFO, ALICE])).toEqual([ALICE, INFO])
  await expect(readersOf(deps, ['example.com'], [SALES, BOB])).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
})
