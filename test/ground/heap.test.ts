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
    // On a slow machine, collections are further apart.
    for (let attempt = 0; attempt < 10 && young() < 30e6; attempt += 1) await work()
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

test('a process that makes little garbage collects all of it every few minutes', () => {
  const heap = fileURLToPath(new URL('../../src/ground/heap.ts', import.meta.url))
  const program = `
    import { constants, PerformanceObserver } from 'node:perf_hooks'
    import { keepHeapSmall } from ${JSON.stringify(heap)}
    let whole = 0
    new PerformanceObserver(list => {
      for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) whole += 1
    }).observe({ entryTypes: ['gc'] })
    const kept = []
    const makeGarbage = async () => {
      for (let round = 0; round < 100; round += 1) {
        kept[round % 5] = Array.from({ length: 500 }, (_, index) => ({ text: 'x' + round + index }))
        await new Promise(setImmediate)
      }
    }
    keepHeapSmall()
    const counts = []
    const start = performance.now()
    for (const minutes of [1, 5, 6, 10]) {
      performance.now = () => start + minutes * 60_000
      const before = whole
      await makeGarbage()
      counts.push(whole - before)
    }
    process.stdout.write(JSON.stringify(counts))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  expect(JSON.parse(output)).toEqual([0, 1, 0, 1])
})

test('during a start, V8 compiles only what is called very often', () => {
  const heap = fileURLToPath(new URL('../../src/ground/heap.ts', import.meta.url))
  const program = `
    import { compileAsUsual, compileLittle } from ${JSON.stringify(heap)}
    function duringStart(n) { return n % 7 === 3 ? n : 7 * n }
    function afterStart(n) { return n % 7 === 3 ? n : 7 * n }
    const callOften = async call => {
      for (let round = 0; round < 2000; round += 1) { call(round); if (round % 100 === 0) await new Promise(setImmediate) }
    }
    compileLittle()
    await callOften(duringStart)
    console.log('start is over')
    compileAsUsual()
    await callOften(afterStart)`
  const output = execFileSync(process.execPath, ['--trace-opt', '--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  const [during, after] = output.split('start is over')
  expect(during).not.toMatch(/marking.*<JSFunction duringStart/)
  expect(after).toMatch(/marking.*<JSFunction afterStart/)
})

test('code that is no longer used is dropped with the garbage', () => {
  const heap = fileURLToPath(new URL('../../src/ground/heap.ts', import.meta.url))
  const program = `
    import { getHeapCodeStatistics } from 'node:v8'
    import { collectGarbage } from ${JSON.stringify(heap)}
    const octets = () => getHeapCodeStatistics().bytecode_and_metadata_size
    const used = Array.from({ length: 2000 }, (_, index) => new Function('return [1, 2, 3].map(n => n * ' + index + ')'))
    for (const call of used) call()
    const before = octets()
    collectGarbage()
    process.stdout.write(JSON.stringify([before, octets(), used.at(-1)()]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  const [before = 0, after = 0, result] = JSON.parse(output) as [number, number, number[]]
  expect(after).toBeLessThan(before / 2)
  expect(result).toEqual([1999, 3998, 5997])
})
