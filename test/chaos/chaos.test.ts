import { expect, onTestFailed, test } from 'vitest'
import { type CampaignOptions, type CampaignResult, campaign } from './campaign.ts'
import { DATABASE_KINDS, type DatabaseKind } from './databases.ts'
import { DIGEST_STEPS, type Fault, RELEASE_STEPS, type ServerName } from './faults.ts'
import { tableOf } from './report.ts'

const TIMEOUT = 120_000

test.each(DATABASE_KINDS)(
  'on %s no crash and no outage loses a message, lists it twice or releases it twice',
  async database => {
    const { violations, figures } = await smallCampaign({
      database,
      queue: 'in-process',
      processes: 2,
      workers: 0,
      runEvery: 500,
      faults: [DEATHS_OF_RUNS, DEATHS_OF_SERVICES, outagesOf(database)],
    })
    expect(violations).toEqual([])
    const steps = Object.keys(figures.kills.by)
    expect(steps).toEqual(expect.arrayContaining([...DIGEST_STEPS, 'kill', 'SMTP 250']))
    // In so short a time the readers' clicks may not bring a process to each of these steps.
    expect(RELEASE_STEPS.filter(step => steps.includes(step)).length).toBeGreaterThan(1)
    expect(figures.held).toBeGreaterThan(70)
    expect(figures.releases.released).toBeGreaterThan(0)
  },
  TIMEOUT,
)

test(
  'nor do four workers, one of which dies while sending, and a Redis that comes back empty',
  async () => {
    const { violations, figures } = await smallCampaign({
      database: 'mariadb',
      queue: 'redis',
      processes: 1,
      workers: 4,
      // The workers send the digests of a run that died.
      runEvery: Number.POSITIVE_INFINITY,
      faults: [
        Array.from({ length: 4 }, () => ({ kind: 'crash-run', step: 'items-claimed', count: 1 })),
        [
          { kind: 'crash', member: 1, step: 'digest-accepted', count: 2 },
          { kind: 'kill', member: 0 },
        ],
        [{ kind: 'empty-redis' }, restart('redis', 'stop')],
      ],
    })
    expect(violations).toEqual([])
    expect(Object.keys(figures.kills.by)).toEqual(expect.arrayContaining(['digest-accepted', 'kill']))
    expect(figures.held).toBeGreaterThan(50)
  },
  TIMEOUT,
)

const DEATHS_OF_RUNS: readonly Fault[] = [
  ...DIGEST_STEPS.map(
    step => ({ kind: 'crash-run', step, count: step.startsWith('digest-') ? 3 : 1 }) as const,
  ),
  { kind: 'trap', stage: 'accepted' },
]

const DEATHS_OF_SERVICES: readonly Fault[] = [
  ...RELEASE_STEPS.map((step, index) => ({ kind: 'crash', member: index % 2, step, count: 1 }) as const),
]

const restart = (server: ServerName, by: 'stop' | 'kill'): Fault => ({
  kind: 'restart',
  server,
  by,
  away: 500,
})

/** An outage of each server; the database ends as in a power failure. */
const outagesOf = (database: DatabaseKind): readonly Fault[] => [
  ...(database === 'sqlite' ? [] : ([{ kind: 'break-connections' }, restart('database', 'kill')] as const)),
  { kind: 'cut-answers', for: 500 },
  restart('amavisd', 'kill'),
  restart('digests', 'stop'),
  restart('mta', 'stop'),
  { kind: 'refuse-writes', for: 1_000 },
]

async function smallCampaign(
  options: Pick<CampaignOptions, 'database' | 'queue' | 'processes' | 'workers' | 'runEvery' | 'faults'>,
): Promise<CampaignResult> {
  const log: string[] = []
  onTestFailed(() => void process.stderr.write(`${log.join('\n')}\n`))
  const result = await campaign({
    ...options,
    seed: 1,
    readers: 300,
    perSecond: 14,
    clicks: { share: 0.6, twice: 0.3, again: 0.5 },
    // A quick machine is soon done with the faults, and readers need mail to click.
    atLeast: 11_000,
    log: line => log.push(line),
  })
  log.push(tableOf(result.figures))
  return result
}
