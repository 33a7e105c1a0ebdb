import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('the young generation stays small while much garbage is made, but not as small as a collection leaves it', () => {
  const heap = fileURLToPath(new URL('../../src/ground/heap.ts', import.meta.url))
  const program = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { collectGarbage, keepHeapSmall } from ${JSON.stringify(heap)}
    const young = () => getHeapSpaceStatistics().find(space => space.space_name === 'new_space').space_size
    const work = async () => {
      const kept = []
      for (let round = 0; round < 150; round += 1) {
        kept.push(Array.from({ length: 5000 }, (_, index) => ({ text: 'x' + round + index })))
        if (kept.length > 60) kept.shift()
        await new Promise(setImmediate)
      }
      return young()
    }
    keepHeapSmall()
    const before = await work()
    collectGarbage()
    process.stdout.write(JSON.stringify([before, young(), await work()]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  const [before = 0, collected = 0, after = 0] = JSON.parse(output) as number[]
  expect(collected).toBeLessThan(4e6)
  // Left alone, it grows to 67 MB by then, and to 134 later.
  for (const grown of [before, after]) {
    expect(grown).toBeGreaterThan(30e6)
    expect(grown).toBeLessThan(50e6)
  }
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
