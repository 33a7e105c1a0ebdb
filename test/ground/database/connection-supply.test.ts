import { expect, test } from 'vitest'
import { ConnectionSupply } from '../../../src/ground/database/connection-supply.ts'
import { MINUTE } from '../../../src/ground/durations.ts'

/** A driver's pool whose server allows so many connections. */
function poolOf(server: { allows: number }) {
  const idle: object[] = []
  const open = new Set<object>()
  return {
    open,
    take: async () => {
      const free = idle.pop()
      if (free) return free
      if (open.size >= server.allows) throw new Error('full')
      const connection = {}
      open.add(connection)
      return connection
    },
    discard: (connection: object) => void open.delete(connection),
    isFull: (error: unknown) => error instanceof Error && error.message === 'full',
    giveBack: (connection: object) => void idle.push(connection),
  }
}

test('connections are handed out in the order in which they are asked for', async () => {
  const pool = poolOf({ allows: 2 })
  const supply = new ConnectionSupply(pool, 10)
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const connection = await supply.take()
      order.push(index)
      await Promise.resolve()
      pool.giveBack(connection)
      supply.giveBack()
    }),
  )
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(pool.open.size).toBe(2)
  expect(supply.waiting).toBe(0)
})

test('a connection is replaced when it is five minutes old, and after the server has become read-only', async () => {
  let now = 0
  const pool = poolOf({ allows: 10 })
  const supply = new ConnectionSupply(pool, 10, () => now)
  const take = async () => {
    const connection = await supply.take()
    pool.giveBack(connection)
    supply.giveBack()
    return connection
  }
  const first = await take()
  now += 5 * MINUTE
  expect(await take()).toBe(first)
  now += 1
  const second = await take()
  expect(second).not.toBe(first)
  supply.distrust()
  expect(supply.isStale(second)).toBe(true)
  expect(await take()).not.toBe(second)
  expect(pool.open.size).toBe(1)
})

test('what fails for another reason is reported at once, and leaves its place to the next', async () => {
  const pool = poolOf({ allows: 1 })
  let fails = true
  const take = async () => {
    if (fails) throw new Error('refused')
    return pool.take()
  }
  const supply = new ConnectionSupply({ ...pool, take }, 1)
  await expect(supply.take()).rejects.toThrow('refused')
  fails = false
  await supply.take()
})
