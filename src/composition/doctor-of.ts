import { fileURLToPath } from 'node:url'
import { retentionOf } from '../ground/amavis/retention.ts'
import type { Config } from '../ground/config/schema.ts'
import { connect } from '../ground/database/connect.ts'
import type { Database } from '../ground/database/database.ts'
import type { Directory } from '../ground/directory/directory.ts'
import type { PolicyTables } from '../ground/directory/ispconfig/policies.ts'
import { type Check, proof } from '../ground/health/check.ts'
import { partCheck } from '../ground/health/part-check.ts'
import type { WatchedPart } from '../ground/health/watched-part.ts'
import type { TemplateFiles } from '../ground/templates/template-files.ts'
import { rightsCheck } from '../work/doctor/database-checks.ts'
import { settingsCheck } from '../work/doctor/directory-checks.ts'
import { diskCheck, keyFileCheck, templatesCheck } from '../work/doctor/file-checks.ts'
import { ispconfigChecks } from '../work/doctor/ispconfig-checks.ts'
import { learnChecks } from '../work/doctor/learn-checks.ts'
import { programChecks } from '../work/doctor/program-checks.ts'
import { quarantineChecks } from '../work/doctor/quarantine-checks.ts'
import { requestChecks } from '../work/doctor/request-checks.ts'
import { neededInDirectory } from '../work/doctor/rights.ts'
import { type CheckGroup, type Doctor, type LookWhere, runChecks } from '../work/doctor/run-checks.ts'
import { scheduleChecks } from '../work/doctor/schedule-checks.ts'
import { blockedIsKept, senderChecks } from '../work/doctor/sender-checks.ts'
import { stateChecks } from '../work/doctor/state-checks.ts'
import { storageChecks } from '../work/doctor/storage-checks.ts'
import type { Databases } from './databases-of.ts'
import { teacherOf } from './learning/teacher-of.ts'
import type { LostKeys } from './lost-keys.ts'
import type { ReadinessChecks } from './readiness-checks.ts'
import { senderListsOf } from './senders/sender-lists-of.ts'
import { signInChecksOf } from './sign-in-ways.ts'
import { standardTimeZone } from './standard-time-zone.ts'

export interface DoctorDeps extends Databases {
  /** What /readyz looks at, too. */
  readonly readiness: ReadinessChecks
  /** The directory's health; none for a directory that cannot be away. */
  readonly directoryPart: WatchedPart | undefined
  readonly directory: Directory
  readonly lostKeys: LostKeys
  readonly files: TemplateFiles
  readonly clock: () => number
  /** What is reached over the network, besides the databases and the directory. */
  readonly network: (where: LookWhere) => readonly CheckGroup[]
  readonly sendTest: Doctor['sendTest']
}

/** Everything that doctor looks at. A new group is a function below, and one line here. */
export function doctorOf(config: Config, deps: DoctorDeps, stack: AsyncDisposableStack): Doctor {
  const groups: readonly CheckGroup[] = [
    { title: 'This program', checks: programChecks() },
    { title: "amavisd's database (storage)", checks: storageGroup(config, deps) },
    { title: 'Our own tables (state)', checks: stateGroup(config, deps) },
    { title: 'The quarantine', checks: quarantineGroup(config, deps) },
    { title: 'The directory', checks: directoryGroup(config, deps, stack) },
    { title: 'Allowed and blocked senders', checks: sendersGroup(config, stack) },
    { title: 'Links and mails', checks: linksGroup(config, deps) },
    { title: 'Schedules and admins', checks: scheduleGroup(config, deps) },
    { title: 'Signing in', checks: signInChecksOf(config) },
    { title: 'Learning', checks: learnChecks(() => teacherOf(config)) },
  ]
  return {
    examine: async options => runChecks([...groups, ...deps.network(options ?? {})], options),
    sendTest: deps.sendTest,
  }
}

function storageGroup(config: Config, { storage, readiness, clock }: DoctorDeps): readonly Check[] {
  const use = {
    database: databaseIn(config.storage.url),
    holdsOwnTables: sharesDatabase(config),
    purges: config.purge.enabled,
  }
  return [
    reachable('storage', storage),
    ...storageChecks({
      storage,
      use,
      clock,
      lease: config.delivery.lease,
      hasPartitions: config.doctor.partitioned,
    }),
    readiness.storage,
    ...diskChecks('storage.disk', config.storage.url),
  ]
}

function stateGroup(config: Config, { state, readiness, clock }: DoctorDeps): readonly Check[] {
  const ownDatabase = sharesDatabase(config) ? undefined : databaseIn(config.state.url ?? '')
  return [
    reachable('state', state),
    readiness.state,
    ...stateChecks({ state, ownDatabase, clock, lease: config.delivery.lease }),
    ...(ownDatabase === undefined ? [] : diskChecks('state.disk', config.state.url ?? '')),
  ]
}

function quarantineGroup(config: Config, { storage, state, clock }: DoctorDeps): readonly Check[] {
  const { purge } = config
  const purgeTimes = { crons: purge.cron, timeZone: purge.timezone ?? standardTimeZone(config) }
  return quarantineChecks({
    storage,
    state,
    clock,
    retention: retentionOf(purge.olderThan, purge.kinds).longest,
    purgeTimes: purge.enabled ? purgeTimes : undefined,
  })
}

function directoryGroup(
  { directory: { kind, url, timeout } }: Config,
  { state, directory, directoryPart }: DoctorDeps,
  stack: AsyncDisposableStack,
): readonly Check[] {
  if (directoryPart === undefined) return []
  const common = [
    partCheck('directory.answers', directoryPart, `the directory (${kind}) answers`),
    settingsCheck({ state, directory }),
  ]
  if (kind === 'ldap' || kind === 'addresses' || url === undefined) return common
  // Of its own, because the directory's connections are for the mail that comes in.
  const database = stack.use(
    connect<PolicyTables>('directory', url, { connections: 2, isReadOnly: true, statementTimeout: timeout }),
  )
  const rights = rightsCheck(
    {
      role: 'directory',
      database: database as unknown as Database<unknown>,
      needs: ['directory.answers'],
    },
    neededInDirectory(databaseIn(url)),
  )
  return [...common, rights, ...(kind === 'ispconfig' ? ispconfigChecks(database.sql) : [])]
}

/** On connections of its own, as the directory. */
function sendersGroup(config: Config, stack: AsyncDisposableStack): readonly Check[] {
  const lists = senderListsOf(config, stack)
  if (lists === undefined) return []
  const { kind, url, timeout } = config.directory
  if (kind !== 'ispconfig' || url === undefined) return senderChecks(lists)
  const database = stack.use(
    connect<PolicyTables>('directory', url, { connections: 1, isReadOnly: true, statementTimeout: timeout }),
  )
  return [...senderChecks(lists), blockedIsKept(database.sql)]
}

const linksGroup = (config: Config, { readiness, lostKeys, files, clock }: DoctorDeps): readonly Check[] => [
  keyFileCheck(config.links.keyFile, clock),
  // For as long as links without a key are out, and not for a day as /readyz.
  {
    ...proof('keys.lost', () => lostKeys.requireNone(Number.POSITIVE_INFINITY), KEYS_FINE),
    needs: readiness.keys.needs ?? [],
    isToldAnyway: true,
  },
  readiness.queue,
  readiness.sending,
  ...(config.templates.folder === undefined ? [] : [templatesCheck(() => files)]),
]

const KEYS_FINE = 'the keys of links in mails already sent are there'

const scheduleGroup = (config: Config, { state, clock }: DoctorDeps): readonly Check[] => [
  ...scheduleChecks({
    config,
    state,
    clock,
    standardZone: standardTimeZone(config),
    machineZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }),
  ...requestChecks(config),
]

const reachable = <Tables>(role: string, { sql }: Pick<Database<Tables>, 'sql'>): Check =>
  proof(
    `${role}.reachable`,
    () => sql.selectNoFrom(({ lit }) => lit(1).as('one')).execute(),
    'it answers, and lets our user in',
  )

const sharesDatabase = ({ storage, state }: Config): boolean =>
  state.url === undefined || state.url === storage.url

/** The name of a database, as its URL has it. */
const databaseIn = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

const diskChecks = (id: string, url: string): readonly Check[] =>
  url.startsWith('sqlite:')
    ? [diskCheck(id, fileURLToPath(url.replace(/^sqlite:/, 'file:').replace(/\?.*$/, '')))]
    : []
