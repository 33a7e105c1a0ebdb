import { expect, test } from 'vitest'
import { HOUR } from '../../../src/ground/durations.ts'
import { policiesOf } from '../../../src/rules/policy/policy.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { heldMailFilter } from '../../../src/work/collect/held-mail-filter.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { STANDARD_POLICIES } from '../../standard-policies.ts'

const STANDARD = { ...STANDARD_POLICIES.of(''), banned: 'never' as const }
const SOME_ASK = { ...STANDARD, domains: { 'asks.example': { banned: 'request' as const } } }

test('a kind that readers of one domain can ask for waits for them alone, and for nobody else', async () => {
  const program = await embeddedProgram()
  const deps = {
    ...program.deps,
    policies: policiesOf(SOME_ASK),
    filter: heldMailFilter({ collect: { localOnly: true }, policy: SOME_ASK }),
  }
  await hold(
    program.storage,
    ...['bob@asks.example', 'bob@sub.asks.example', 'alice@example.com'].map(recipient => ({
      recipient,
      receivedAt: NOW - HOUR,
      content: 'B',
    })),
  )
  expect(await collect(deps, NOW)).toBe(1)
  expect(await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })).toMatchObject({
    digests: 1,
    items: 1,
  })
  expect(await program.rows('digest_digest')).toMatchObject([{ reader: 'bob@asks.example' }])
})

test('what no domain differs in is left out in SQL, and a change in one domain makes another filter', () => {
  const filterWith = (policy: Parameters<typeof heldMailFilter>[0]['policy']) =>
    heldMailFilter({ collect: { localOnly: true }, policy })
  expect(filterWith(STANDARD)).toEqual({
    localOnly: true,
    excludedKinds: expect.arrayContaining(['virus', 'banned']),
    byDomain: undefined,
  })
  const texts = [
    SOME_ASK,
    { ...SOME_ASK, banned: 'confirm' as const },
    { ...STANDARD, domains: { 'other.example': { banned: 'request' as const } } },
  ].map(policy => filterWith(policy).byDomain?.text)
  expect(new Set(texts).size).toBe(3)
})
