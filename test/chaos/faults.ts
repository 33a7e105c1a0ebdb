import type { Step } from '../../src/ground/steps.ts'
import type { Random } from './random.ts'

/** One thing that is broken, with every random choice about it: the same seed gives the same list. */
export type Fault =
  /** kill -9 of a member at once. */
  | { readonly kind: 'kill'; readonly member: number }
  /** kill -9 of a `run` command, so many milliseconds after its start. */
  | { readonly kind: 'kill-run'; readonly after: number }
  /** A member is killed and restarted, and dies again when it passes a step for the `count`th time. */
  | { readonly kind: 'crash'; readonly member: number; readonly step: Step; readonly count: number }
  /** A `run` command dies at such a step. */
  | { readonly kind: 'crash-run'; readonly step: Step; readonly count: number }
  /** The next process that comes to this stage of an SMTP session is killed. */
  | { readonly kind: 'trap'; readonly stage: 'data' | 'accepted' }
  | {
      readonly kind: 'restart'
      readonly server: ServerName
      readonly by: 'stop' | 'kill'
      readonly away: number
    }
  | { readonly kind: 'refuse-writes'; readonly for: number }
  | { readonly kind: 'break-connections' }
  /** Redis is killed, and comes back without its data. */
  | { readonly kind: 'empty-redis' }
  /** A sink answers each mail with a 4xx. */
  | { readonly kind: 'defer'; readonly sink: 'digests' | 'mta'; readonly for: number }
  /** Mails are accepted, but the connection is cut instead of a 250. */
  | { readonly kind: 'cut-answers'; readonly for: number }

export type ServerName = 'database' | 'amavisd' | 'digests' | 'mta' | 'redis'

/** The parts of the world that can be broken. */
export interface Breakable {
  /** The number of all members; the services, which answer readers, come first. */
  readonly members: number
  readonly services: number
  readonly servers: readonly [ServerName, ...ServerName[]]
}

/** The steps that a `run` command passes. */
export const DIGEST_STEPS = [
  'items-claimed',
  'digests-leased',
  'digest-rendered',
  'digest-accepted',
  'digest-recorded',
] as const satisfies readonly Step[]

/** The steps that a process passes when it answers a click. */
export const RELEASE_STEPS = [
  'release-claimed',
  'release-answered',
  'release-recorded',
] as const satisfies readonly Step[]

export const STEPS = [...DIGEST_STEPS, ...RELEASE_STEPS] as const

/** Draws the next way in which a process dies. */
export function drawDeath(random: Random, { members, services }: Breakable): Fault {
  const member = random.between(0, members - 1)
  const service = random.between(0, services - 1)
  const count = random.between(1, 30)
  return random.weighted<Fault>([
    [4, { kind: 'kill', member }],
    [4, { kind: 'kill-run', after: random.between(300, 2_500) }],
    [3, { kind: 'crash', member: service, step: random.pick(RELEASE_STEPS), count: random.between(1, 3) }],
    [1, { kind: 'crash', member, step: random.pick(DIGEST_STEPS), count }],
    [4, { kind: 'crash-run', step: random.pick(DIGEST_STEPS), count: random.chance(0.5) ? 1 : count }],
    [3, { kind: 'trap', stage: random.pick(['data', 'accepted']) }],
  ])
}

/** Draws the next fault of a server that the program needs. */
export function drawOutage(random: Random, { servers }: Breakable): Fault {
  const has = (server: ServerName) => (servers.includes(server) ? 1 : 0)
  const away = random.between(200, 6_000)
  const by = random.pick<'stop' | 'kill'>(['stop', 'kill'])
  return random.weighted<Fault>([
    [6, { kind: 'restart', server: random.pick(servers), by, away }],
    [2, { kind: 'refuse-writes', for: random.between(500, 6_000) }],
    [4 * has('database'), { kind: 'break-connections' }],
    [2 * has('redis'), { kind: 'empty-redis' }],
    [1, { kind: 'defer', sink: random.pick(['digests', 'mta']), for: random.between(500, 4_000) }],
    [2, { kind: 'cut-answers', for: random.between(100, 1_500) }],
  ])
}

/** Describes a fault in a line for the log. */
export const wordsOf = ({ kind, ...about }: Fault): string =>
  [kind, ...Object.entries(about).map(([name, value]) => `${name}=${value}`)].join(' ')
