import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('a process that makes much garbage keeps its young generation small, and not smaller than it needs', () => {
  const heap = fileURLToPath(new URL('../../src/ground/heap.ts', import.meta.url))
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { collectGarbage, keepHeapSmall } from ${JSON.stringify(heap)}
    const young = () => getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size
    const work = async () => {
      const kept = []
      for (let round = 0; round < 300; round += 1) {
        kept.push(Array.from({ length: 5000 }, (_, index) => ({ text: 'x' + round + index })))
        if (kept.length > 60) kept.shift()
        await new Promise(setImmediate)
      }
    }
    keepHeapSmall()
    const sizes = []
    await work()
    sizes.push(young())
    collectGarbage()
    sizes.push(young())
    await work()
    sizes.push(young())
    process.stdout.write(JSON.stringify(sizes))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  const [busy = 0, rested = 0, busyAgain = 0] = JSON.parse(output) as number[]
  // Left alone, it grows to 134 MB.
  expect(busy).toBeLessThan(80e6)
  expect(rested).toBeLessThan(8e6)
  expect(busyAgain).toBeGreaterThan(30e6)
  expect(busyAgain).toBeLessThan(80e6)
})

test('garbage is collected when it is asked for, and its memory given back', () => {
  const heap = fileURLToPath(new URL('../../src/ground/heap.ts', import.meta.url))
  const program = `
    import { collectGarbage } from ${JSON.stringify(heap)}
    const kept = Array.from({ length: 300_000 }, (_, index) => ({ text: 'x' + index }))
    kept.length = 0
    const before = process.memoryUsage().heapTotal
    collectGarbage()
    process.stdout.write(JSON.stringify([before, process.memoryUsage().heapTotal]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  const [before = 0, after = 0] = JSON.parse(output) as number[]
  expect(after).toBeLessThan(before / 2)
})
