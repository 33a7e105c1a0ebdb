import process from 'node:process'
import { createApp } from '../src/app.ts'
import { loadConfig } from '../src/ground/config/load.ts'
import { createLog } from '../src/ground/log.ts'

/** The costs of one run of the program. */
export interface ChainFigures {
  readonly sent: number
  /** Milliseconds. */
  readonly total: number
  /** Milliseconds of the total for collecting and compiling. */
  readonly made: number
  /** Milliseconds of CPU, of this process only. */
  readonly cpu: number
  /** Octets. */
  readonly rss: number
}

// `chain-process.ts CONFIG` is a process of its own, so that CPU and memory are those of the chain alone.
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
const figures: ChainFigures = {
  sent,
  total,
  made,
  cpu: (user + system) / 1000,
  rss: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(`${JSON.stringify(figures)}\n`)
