import { expect, test } from 'vitest'
import { type Breakable, drawDeath, drawOutage, STEPS } from './faults.ts'
import { type Random, seededRandom } from './random.ts'

const BREAKABLE: Breakable = {
  members: 3,
  services: 3,
  servers: ['amavisd', 'digests', 'mta', 'database', 'redis'],
}

test('the same seed breaks the same things in the same order, a different seed different ones', () => {
  expect(sequence(4711)).toEqual(sequence(4711))
  expect(sequence(4711)).not.toEqual(sequence(4712))
})

test('in the long run everything is broken, and a process dies at each step', () => {
  const random = seededRandom(1)
  const deaths = Array.from({ length: 2_000 }, () => drawDeath(random, BREAKABLE))
  const outages = Array.from({ length: 2_000 }, () => drawOutage(random, BREAKABLE))
  expect(new Set(deaths.flatMap(fault => ('step' in fault ? [fault.step] : [])))).toEqual(new Set(STEPS))
  expect(new Set(deaths.map(fault => fault.kind))).toEqual(
    new Set(['kill', 'kill-run', 'crash', 'crash-run', 'trap']),
  )
  expect(new Set(outages.flatMap(fault => ('server' in fault ? [fault.server] : [])))).toEqual(
    new Set(BREAKABLE.servers),
  )
})

const sequence = (seed: number) => {
  const random: Random = seededRandom(seed)
  return Array.from({ length: 50 }, () => [drawDeath(random, BREAKABLE), drawOutage(random, BREAKABLE)])
}
