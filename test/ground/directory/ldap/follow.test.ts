import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entry } from '../../../../src/ground/directory/ldap/entry.ts'
import { followAddress } from '../../../../src/ground/directory/ldap/follow.ts'
import { lookUp } from '../../../../src/ground/directory/ldap/look-up.ts'

/** Where the mail of each address is sent on to; an empty list: it is a mailbox. */
type Graph = Readonly<Record<string, readonly string[]>>

const addressOf = (name: string) => `${name}@example.com`

async function readersOf(asked: string, graph: Graph, outsideReader?: string): Promise<readonly string[]> {
  const known = await lookUp(
    async addresses => new Map(addresses.map(a => [a, entriesOf(a, graph)])),
    [asked],
    '',
  )
  return followAddress(asked, known, address => address === outsideReader).readers.map(
    ({ address }) => address,
  )
}

function entriesOf(address: string, graph: Graph): readonly Entry[] {
  const forwards = graph[address]
  if (forwards === undefined) return []
  const reader = forwards.length === 0 || forwards.includes(address) ? address : undefined
  const others = forwards.filter(other => other !== address)
  const facts = { row: address, isOff: false, language: undefined, name: undefined }
  return [{ ...facts, addresses: new Set([address]), reader, forwards: others }]
}

/** All mailboxes that can be reached. */
function reachable(asked: string, graph: Graph): readonly string[] {
  const reached = new Set([asked])
  for (const address of reached) for (const next of graph[address] ?? []) reached.add(next)
  const isMailbox = (address: string) => {
    const forwards = graph[address]
    return forwards !== undefined && (forwards.length === 0 || forwards.includes(address))
  }
  return [...reached].filter(isMailbox).sort()
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'].map(addressOf)

test('in any graph of addresses, exactly the mailboxes that can be reached read the mail', async () => {
  const graphs = fc.dictionary(
    fc.constantFrom(...NAMES),
    fc.uniqueArray(fc.constantFrom(...NAMES, 'x@elsewhere.example'), { maxLength: 4 }),
  )
  await fc.assert(
    fc.asyncProperty(graphs, fc.constantFrom(...NAMES), async (graph, asked) => {
      expect(await readersOf(asked, graph)).toEqual(reachable(asked, graph))
    }),
  )
})

test('an address elsewhere is a reader only if it is allowed', async () => {
  const graph = { [addressOf('a')]: ['x@elsewhere.example'] }
  expect(await readersOf(addressOf('a'), graph)).toEqual([])
  expect(await readersOf(addressOf('a'), graph, 'x@elsewhere.example')).toEqual(['x@elsewhere.example'])
  expect(await readersOf('x@elsewhere.example', graph, 'x@elsewhere.example')).toEqual([])
})

test('a chain that is too long ends', async () => {
  const chain = Array.from({ length: 60 }, (_, index) => [
    addressOf(`n${index}`),
    [addressOf(`n${index + 1}`)],
  ])
  const graph: Graph = { ...Object.fromEntries(chain), [addressOf('n60')]: [] }
  const asked = addressOf('n0')
  const search = async (addresses: readonly string[]) => new Map(addresses.map(a => [a, entriesOf(a, graph)]))
  const answer = followAddress(asked, await lookUp(search, [asked], ''), () => false)
  expect(answer.readers).toEqual([])
  expect(answer.by.at(-1)).toMatchObject({ is: 'too-many', to: null })
})
