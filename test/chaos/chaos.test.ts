import { expect, onTestFailed, test } from 'vitest'
import { campaign } from './campaign.ts'
import { DATABASE_KINDS, type DatabaseKind } from './databases.ts'
import { DIGEST_STEPS, type Fault, RELEASE_STEPS, type ServerName, STEPS } from './faults.ts'

test.each(DATABASE_KINDS)(
  'on %s no crash and no outage loses a message, lists it twice or frees it twice',
  {
    timeout: 110_000,
  },
  async database => {
    const log: string[] = []
    onTestFailed(() => void process.stderr.write(`${log.join('\n')}\n`))
    const { violations, figures } = await campaign({
      database,
      seed: 1,
      readers: 200,
      perSecond: 40,
      queue: 'in-process',
      processes: 3,
      workers: 0,
      faults: [DEATHS_OF_RUNS, DEATHS_OF_SERVICES, outagesOf(database)],
      clicks: { share: 0.3, twice: 0.3, again: 0.5 },
      log: line => log.push(line),
    })
    expect(violations).toEqual([])
    expect(Object.keys(figures.kills.by)).toEqual(
      expect.arrayContaining([...STEPS, 'kill', 'SMTP DATA', 'SMTP 250']),
    )
    expect(figures.held).toBeGreaterThan(300)
    expect(figures.releases.released).toBeGreaterThan(10)
  },
)

const DEATHS_OF_RUNS: readonly Fault[] = [
  ...DIGEST_STEPS.map(
    step => ({ kind: 'crash-run', step, count: step.startsWith('digest-') ? 3 : 1 }) as const,
  ),
  { kind: 'trap', stage: 'data' },
  { kind: 'trap', stage: 'accepted' },
]

const DEATHS_OF_SERVICES: readonly Fault[] = [
  ...RELEASE_STEPS.map((step, member) => ({ kind: 'crash', member, step, count: 1 }) as const),
  { kind: 'kill', member: 0 },
]

/** Each server once; the database as a power failure would end it. */
const outagesOf = (database: DatabaseKind): readonly Fault[] => [
  { kind: 'break-connections' },
  { kind: 'cut-answers', for: 500 },
  ...(database === 'sqlite' ? [] : [restart('database', 'kill')]),
  restart('amavisd', 'kill'),
  restart('digests', 'stop'),
  restart('mta', 'stop'),
  { kind: 'refuse-writes', for: 1_000 },
]

const restart = (server: ServerName, by: 'stop' | 'kill'): Fault => ({
  kind: 'restart',
  server,
  by,
  away: 500,
})
