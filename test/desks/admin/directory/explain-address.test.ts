import { expect, test } from 'vitest'
import { explainedJson } from '../../../../src/desks/admin/directory/directory-json.ts'
import { explainAddress, knownAddress } from '../../../../src/desks/admin/directory/explain-address.ts'
import type { Answer, Directory } from '../../../../src/ground/directory/directory.ts'
import { CodedError } from '../../../../src/ground/errors.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const BOB = { address: 'bob@example.com', isOff: false, language: 'de', client: 'Example Ltd' }
const EVE = { address: 'eve@example.org', isOff: true }
const SALES: Answer = {
  readers: [BOB, EVE],
  by: [
    { is: 'forward', from: 'sales@example.com', to: 'bob@example.com', row: 'mail_forwarding 12' },
    { is: 'forward', from: 'sales@example.com', to: 'eve@example.org', row: 'mail_forwarding 12' },
    { is: 'mailbox', from: 'bob@example.com', to: 'bob@example.com', row: 'mail_user 3' },
    { is: 'off', from: 'eve@example.org', to: null, row: 'mail_user 4' },
  ],
}

test('the answer names the active readers, those who are off, and each step', async () => {
  expect(explainedJson(await (await desk()).explain(undefined, ' Sales@EXAMPLE.com '))).toEqual({
    address: 'sales@example.com',
    readers: ['bob@example.com'],
    off: ['eve@example.org'],
    by: SALES.by,
    people: [
      {
        address: 'bob@example.com',
        on: true,
        language: 'de',
        timezone: null,
        name: null,
        client: 'Example Ltd',
      },
      { address: 'eve@example.org', on: false, language: null, timezone: null, name: null, client: null },
    ],
    outdated: null,
  })
})

test('an admin of a domain sees the readers in it, and no step that names another', async () => {
  const { explain, known } = await desk()
  for (const ask of [explain, known]) {
    const shown = await ask(['example.com'], 'sales@example.com')
    expect(shown?.readers).toEqual([BOB])
    expect(JSON.stringify(shown)).not.toContain('example.org')
    // The reader decides: the address itself may be in any domain.
    expect((await ask(['example.org'], 'sales@example.com'))?.readers).toEqual([EVE])
  }
})

test('nobody learns whose alias an address is if that reader is out of reach', async () => {
  const { explain } = await desk()
  const hidden = await explain(['example.com'], 'elsewhere@example.com')
  expect(hidden).toEqual({ address: 'elsewhere@example.com', readers: [], by: [], outdated: undefined })
  await expect(explain(['example.net'], 'sales@example.com')).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
})

test.each(['', 'bob', 'bob@', 'bob@exa mple.com', '@example.com'])('%j is no address', async text => {
  await expect((await desk()).explain(undefined, text)).rejects.toMatchObject({ code: 'USAGE' })
})

test('while the directory is away the last known answer serves, with its time and the reason', async () => {
  const { explain, deps } = await desk({ isAway: true })
  await deps.state.sql
    .insertInto('digest_answer')
    .values({ address: 'sales@example.com', source: 'test', answer: '{}', asked_at: 7000 })
    .execute()
  const explained = await explain(undefined, 'sales@example.com')
  expect(explained.readers).toEqual([BOB, EVE])
  expect(explained.outdated).toEqual({ askedAt: 7000, reason: 'The directory is away: start it.' })
  await expect(explain(undefined, 'never@example.com')).rejects.toMatchObject({
    code: 'DIRECTORY_UNREACHABLE',
  })
})

test('a page that has no answer says so, and does not fail', async () => {
  const { deps } = await desk()
  const away: Directory = { find: () => Promise.reject(new CodedError('DIRECTORY_REFUSED', 'No.')) }
  expect(await knownAddress({ ...deps, directory: away }, undefined, 'sales@example.com')).toBeUndefined()
})

/** A desk whose directory knows `sales@` and `elsewhere@`, and nothing else. */
async function desk({ isAway = false } = {}) {
  const known = new Map<string, Answer>([
    ['sales@example.com', SALES],
    ['elsewhere@example.com', { readers: [EVE], by: SALES.by.slice(1, 2) }],
  ])
  const directory: Directory = {
    find: async asked => new Map([...known].filter(([address]) => asked.includes(address))),
  }
  const away = new CodedError('DIRECTORY_UNREACHABLE', 'The directory is away: start it.')
  const liveDirectory: Directory = { find: isAway ? () => Promise.reject(away) : directory.find }
  const { state } = await embeddedProgram()
  const rememberedAnswers = directory
  const deps = { state, directory: isAway ? liveDirectory : directory, liveDirectory, rememberedAnswers }
  return {
    deps,
    explain: (reach: readonly string[] | undefined, address: string) => explainAddress(deps, reach, address),
    known: (reach: readonly string[] | undefined, address: string) => knownAddress(deps, reach, address),
  }
}
