import process from 'node:process'
import { createApp } from '../../src/app.ts'
import { runNow } from '../../src/doors/cli/run/run-now.ts'
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
let made = 0
const onMade = async () => {
  made = performance.now() - start
}
const wanted = { schedule: undefined, recipients: undefined }
const { sent } = await runNow(app, wanted, { signal: new AbortController().signal, onMade })
const total = performance.now() - start
const { user, system } = process.cpuUsage(before)
const figures: ProcessFigures & { readonly made: number } = {
  sent,
  total,
  made,
  cpu: (user + system) / 1000,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
