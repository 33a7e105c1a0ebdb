import { expect, test } from 'vitest'
import { directoryModel } from '../../../../../src/doors/http/admin/readers/directory-model.ts'
import type { Writer } from '../../../../../src/doors/http/web/writer.ts'
import { LOCALES } from '../../../../embedded/program.ts'

const BOB = 'bob@example.com'
const writer = {
  words: LOCALES.wordsFor('en'),
  url: (path: string) => path,
} as unknown as Writer

test('a mailbox that is switched off says so, with its owner’s name and whose customer that is', () => {
  const bob = { address: BOB, isOff: true, name: 'Bob \u202Eevil', client: 'Example Ltd' }
  expect(directoryModel({ address: BOB, readers: [bob], by: [], outdated: undefined }, writer)).toEqual({
    away: false,
    own: false,
    nobody: true,
    readers: [
      {
        url: '/admin/readers/of?whom=bob%40example.com',
        label: BOB,
        isSelf: true,
        off: 'Gets no digest: the mailbox is switched off.',
        name: 'Name: Bob evil',
        client: 'Client: Example Ltd',
      },
    ],
    steps: [],
  })
})

test('several readers are all links, and a row of the directory is cleaned and cut', () => {
  const model = directoryModel(
    {
      address: 'sales@example.com',
      readers: [
        { address: BOB, isOff: false },
        { address: 'eve@example.com', isOff: true },
      ],
      by: [{ is: 'alias', from: 'sales@example.com', to: BOB, row: `cn=\u0007${'x'.repeat(900)}` }],
      outdated: undefined,
    },
    writer,
  )
  expect(model).toMatchObject({
    own: false,
    nobody: false,
    readers: [{ isSelf: false }, { isSelf: false, off: expect.any(String) }],
    steps: [
      {
        sentence: `sales@example.com is an alias of ${BOB}`,
        row: `cn=${'x'.repeat(297)}…`,
      },
    ],
  })
})

test('without an answer, the page says that the directory is away', () => {
  expect(directoryModel(undefined, writer)).toMatchObject({ away: true, readers: [] })
})
