import { expect } from 'vitest'
import { heldRows } from '../servers/held.ts'
import type { SampleFields } from '../servers/samples.ts'
import { type DigestMail, digestFor } from './digest-mail.ts'
import { type Answer, FORM, follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { hold, type RunResult, runJson, startWorld, type World } from './world.ts'

/** A world with a running service. */
export interface ServedWorld extends World {
  readonly service: Service
  run(...options: readonly string[]): Promise<RunResult>
  /** Holds a message, makes a run, and returns the digest of the first recipient. */
  digestOf(to: string | readonly string[], fields: HoldFields): Promise<DigestMail>
  get(link: string, headers?: Record<string, string>): Promise<Answer>
  /** Posts like one of our forms, but asks for JSON. */
  post(link: string, body?: string): Promise<Answer>
  /** The audit, without the rows of `run`. */
  audit(): Promise<AuditRow[]>
}

type HoldFields = NonNullable<Parameters<typeof hold>[2]> & Required<Pick<SampleFields, 'subject'>>

export interface AuditRow {
  readonly at: number
  readonly actor_kind: string
  readonly actor: string
  readonly remote_address: string | null
  readonly action: string
  readonly item_id: string | null
  readonly recipient: string | null
  readonly outcome: string
  readonly detail: string | null
}

export async function startServedWorld(...options: Parameters<typeof startWorld>): Promise<ServedWorld> {
  const world = await startWorld(...options)
  const service = await world.program.serve()
  const run = (...more: readonly string[]) => runJson(world.program, ...more)
  return {
    ...world,
    service,
    run,
    digestOf: async (to, fields) => {
      const [held] = await hold(world, to, fields)
      await run('--recipient', held.email)
      return digestFor(world.digests.mails, held.email)
    },
    get: (link, headers = {}) => follow(service, link, { headers }),
    post: (link, body = '') =>
      follow(service, link, { method: 'POST', headers: { ...JSON_ONLY, ...FORM }, body }),
    audit: () =>
      world.state.query<AuditRow>("SELECT * FROM digest_audit WHERE action <> 'run' ORDER BY at, audit_id"),
    [Symbol.asyncDispose]: async () => {
      await service.stop()
      await world[Symbol.asyncDispose]()
    },
  }
}

/** Checks that no copy was delivered, and that no table records a release. */
export async function nothingHappened(world: World): Promise<void> {
  expect(world.mta.mails).toEqual([])
  expect(await world.state.query('SELECT * FROM digest_release')).toEqual([])
  expect((await heldRows(world.storage)).filter(row => row.rs.trim() !== '')).toEqual([])
}
