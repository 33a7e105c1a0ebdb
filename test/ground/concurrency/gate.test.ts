import { describe, expect, test } from 'vitest'
import { Gate } from '../../../src/ground/concurrency/gate.ts'

/** Tasks that the test ends. */
function tasks() {
  const log: string[] = []
  const ends = new Map<string, () => void>()
  const task = (name: string) => () =>
    new Promise<string>(resolve => {
      log.push(name)
      ends.set(name, () => resolve(name))
    })
  return { log, task, end: (name: string) => ends.get(name)?.() }
}

describe('the gate', () => {
  test('runs a limited number of tasks at once, and the others after them in order', async () => {
    const gate = new Gate(2)
    const { log, task, end } = tasks()
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => gate.run(task(name)))
    await Promise.resolve()
    expect(log).toEqual(['a', 'b'])
    end('b')
    await b
    await expect.poll(() => log).toEqual(['a', 'b', 'c'])
    end('a')
    end('c')
    await Promise.all([a, c])
    await expect.poll(() => log).toEqual(['a', 'b', 'c', 'd'])
    end('d')
    expect(await d).toBe('d')
  })

  test('can be widened and narrowed while tasks run and wait', async () => {
    const gate = new Gate(0)
    const { log, task, end } = tasks()
    const ran = ['a', 'b', 'c', 'd'].map(name => gate.run(task(name)))
    gate.widen()
    gate.widen()
    await expect.poll(() => log).toEqual(['a', 'b'])
    let isNarrow = false
    const narrowed = gate.narrow().then(() => {
      isNarrow = true
    })
    await Promise.resolve()
    expect(isNarrow).toBe(false)
    end('a')
    await narrowed
    expect([gate.running, gate.isFull, log.length]).toEqual([1, true, 2])
    end('b')
    await expect.poll(() => log).toEqual(['a', 'b', 'c'])
    end('c')
    await expect.poll(() => log).toEqual(['a', 'b', 'c', 'd'])
    end('d')
    await Promise.all(ran)
    await gate.narrow()
    expect([gate.running, gate.isFull]).toEqual([0, true])
  })

  test('is not narrower than before when it was widened while tasks were to end', async () => {
    const gate = new Gate(2)
    const { log, task, end } = tasks()
    const ran = ['a', 'b', 'c'].map(name => gate.run(task(name)))
    const narrowed = gate.narrow()
    gate.widen()
    await narrowed
    expect([gate.running, log]).toEqual([2, ['a', 'b']])
    end('a')
    await expect.poll(() => log).toEqual(['a', 'b', 'c'])
    end('b')
    end('c')
    await Promise.all(ran)
  })

  test('a task that fails frees its place', async () => {
    const gate = new Gate(1)
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await gate.run(async () => 'next')).toBe('next')
  })

  test('a task that gives up waiting is never run and keeps no other from running', async () => {
    const gate = new Gate(1)
    const { log, task, end } = tasks()
    const first = gate.run(task('first'))
    const quitter = new AbortController()
    const second = gate.run(task('second'), quitter.signal)
    const third = gate.run(task('third'))
    quitter.abort(new Error('enough'))
    await expect(second).rejects.toThrow('enough')
    end('first')
    await first
    await expect.poll(() => log).toEqual(['first', 'third'])
    end('third')
    await third
    await expect(gate.run(task('fourth'), quitter.signal)).rejects.toThrow('enough')
  })
})
