import { Gauge, type Registry } from 'prom-client'
import type { PoolFigures } from '../database/database.ts'
import { SECOND } from '../durations.ts'
import type { PartState } from '../health/part-state.ts'
import type { JobKind } from '../queue/queue.ts'
import { PREFIX } from './prefix.ts'
import { MAX_COUNT, type StateFigures } from './state-figures.ts'

/** What a scrape has found; undefined where no answer came. */
export interface Snapshot {
  readonly parts: readonly PartState[]
  readonly state: StateFigures | undefined
  readonly queue: Readonly<Record<JobKind, number>> | undefined
  /** By the database's name in the configuration. */
  readonly pools: Readonly<Record<string, PoolFigures>>
  /** How many connections to the SMTP server are open, and how many may be. */
  readonly smtp: SmtpConnections
}

export interface SmtpConnections {
  readonly open: number
  readonly allowed: number
}

/** @returns a function that replaces the last snapshot with a new one; a figure that is unknown now is not shown */
export function createGauges(registry: Registry): (snapshot: Snapshot, now: number) => void {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] })
  const up = gauge(
    'up',
    'Whether a part that the program needs can be used, or its work succeeds: 1 if so, otherwise 0.',
    'part',
    'host',
  )
  const digests = gauge(
    'digests',
    `Digests that are waiting to be sent or have failed; at most ${MAX_COUNT}.`,
    'state',
  )
  const releases = gauge(
    'releases',
    `Releases by state, except those that succeeded; at most ${MAX_COUNT} each.`,
    'state',
  )
  const items = gauge('items_waiting', `Held mails that are waiting for a digest; at most ${MAX_COUNT}.`)
  const unlisted = gauge(
    'held_mails_unlisted',
    `Held mails of the last 30 days that no digest lists, because no mail can be sent to their recipient; at most ${MAX_COUNT}.`,
  )
  const oldest = gauge(
    'oldest_undelivered_seconds',
    'How long the oldest digest has been waiting to be sent; 0 if none is waiting.',
  )
  const requests = gauge(
    'requests_waiting',
    `Messages that readers have asked for, and about which no admin has decided; at most ${MAX_COUNT}.`,
  )
  const oldestRequest = gauge(
    'requests_oldest_seconds',
    'How long the oldest of these requests has been waiting; 0 if none is.',
  )
  const runs = gauge(
    'last_run_finished_timestamp_seconds',
    'When the last run of a schedule finished, in Unix time.',
    'schedule',
  )
  const jobs = gauge('queue_jobs', 'Jobs that are waiting in the queue or being done.', 'kind')
  const connections = gauge('database_connections', 'Connections to a database.', 'role', 'use')
  const waiting = gauge(
    'database_waiting',
    'Statements and transactions that are waiting for a connection.',
    'role',
  )
  const smtpOpen = gauge('smtp_connections', 'Connections to the SMTP server.')
  const smtpAllowed = gauge(
    'smtp_connections_allowed',
    'The most connections to the SMTP server: delivery.connections, or fewer if the server refused more.',
  )

  return ({ parts, state, queue, pools, smtp }, now) => {
    for (const old of [up, digests, releases, items, unlisted, oldest, runs, jobs, connections, waiting])
      old.reset()
    smtpOpen.set(smtp.open)
    smtpAllowed.set(smtp.allowed)
    for (const { part, host, code } of parts)
      up.set({ part, ...(host && { host }) }, code === undefined ? 1 : 0)
    for (const [name, number] of Object.entries(state?.digests ?? {})) digests.set({ state: name }, number)
    for (const [name, number] of Object.entries(state?.releases ?? {})) releases.set({ state: name }, number)
    setOrHide(items, state?.itemsWaiting)
    setOrHide(unlisted, state?.unlisted)
    setOrHide(oldest, state && Math.max(0, now - (state.oldestPendingAt ?? now)) / SECOND)
    setOrHide(requests, state?.requestsWaiting)
    setOrHide(oldestRequest, state && Math.max(0, now - (state.oldestRequestAt ?? now)) / SECOND)
    for (const [schedule, at] of state?.runsFinishedAt ?? []) runs.set({ schedule }, at / SECOND)
    for (const [kind, number] of Object.entries(queue ?? {})) jobs.set({ kind }, number)
    for (const [role, { size, idle, waiting: queued }] of Object.entries(pools)) {
      connections.set({ role, use: 'busy' }, size - idle)
      connections.set({ role, use: 'idle' }, idle)
      waiting.set({ role }, queued)
    }
  }
}

/** A gauge without labels would show 0 after a reset, so it is removed while its value is unknown. */
function setOrHide(gauge: Gauge<never>, value: number | undefined): void {
  if (value === undefined) gauge.remove()
  else gauge.set(value)
}
