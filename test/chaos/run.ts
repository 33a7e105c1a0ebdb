// `npm run chaos -- --minutes 20 --database postgres`: breaks things for a while and reports which promises were kept.

import { parseArgs } from 'node:util'
import { MINUTE } from '../../src/ground/durations.ts'
import { campaign } from './campaign.ts'
import { DATABASE_KINDS } from './databases.ts'
import { tableOf } from './report.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    database: { type: 'string', default: 'mariadb' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    readers: { type: 'string', default: '3000' },
    queue: { type: 'string', default: 'in-process' },
    processes: { type: 'string', default: '3' },
  },
})

const print = (line: string) => process.stderr.write(`${line}\n`)
const database = DATABASE_KINDS.find(kind => kind === values.database)
if (!database) {
  print(`--database: expected one of ${DATABASE_KINDS.join(', ')}`)
  process.exit(2)
}
const queue = values.queue === 'redis' ? 'redis' : 'in-process'
print(`chaos on ${database}, ${queue}, --seed ${values.seed}`)
const { violations, figures } = await campaign({
  database,
  seed: Number(values.seed),
  readers: Number(values.readers),
  queue,
  // With Redis, the workers deliver and the services answer.
  processes: queue === 'redis' ? 2 : Number(values.processes),
  workers: queue === 'redis' ? Number(values.processes) : 0,
  perSecond: 30,
  runEvery: queue === 'redis' ? 20_000 : 1_000,
  faults: { milliseconds: Number(values.minutes) * MINUTE },
  clicks: { share: 0.15, twice: 0.2, again: 0.3 },
  log: print,
})
for (const { rule, about } of violations) print(`VIOLATION  ${rule}: ${about}`)
print(`\n${tableOf(figures)}\nviolations ${violations.length}\n`)
process.stdout.write(
  `${JSON.stringify({ database, queue, seed: Number(values.seed), ...figures, violations })}\n`,
)
process.exit(violations.length === 0 ? 0 : 1)
