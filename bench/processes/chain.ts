import process from 'node:process'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import { keepHeapSmall } from '../../src/ground/heap.ts'
import { createLog } from '../../src/ground/log.ts'
import type { ProcessFigures } from './figures.ts'

// `chain.ts CONFIG` makes the digests that are due and sends them, in a process of its own, so that the CPU is that of
// the program alone.
keepHeapSmall()
const config = loadConfig(process.argv[2], {})
await using app = await createApp(config, { log: createLog('warn'), clock: Date.now })
await app.prepare()
const before = process.cpuUsage()
const start = performance.now()
await app.run({ schedule: undefined, readers: undefined, dueAt: Date.now() })
const made = performance.now() - start
const { sent } = await app.deliver({ dueAt: Date.now() })
const total = performance.now() - start
const { user, system } = process.cpuUsage(before)
const figures: ProcessFigures & { readonly made: number } = {
  sent,
  total,
  made,
  cpu: (user + system) / 1000,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
