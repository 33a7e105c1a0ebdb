import { pino } from 'pino'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { addresses } from '../../src/ground/directory/addresses.ts'
import { DAY, MINUTE } from '../../src/ground/durations.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { collect } from '../../src/work/collect/collect.ts'
import { SILENT_METER } from '../../test/embedded/silent-meter.ts'
import { startAmavisd } from '../../test/servers/amavisd.ts'
import { asRoot } from '../../test/servers/mariadb.ts'
import type { MariaDbStorage } from '../../test/servers/storage.ts'
import { createProgram } from '../../test/stack/program.ts'
import { buildProcesses } from '../built-program.ts'
import { type BenchCase, comparison, figure, inTurns } from '../figures.ts'
import { fillEvenly } from '../fill-evenly.ts'
import { figuresOf, type ProcessFigures } from '../processes/figures.ts'
import { startDatabase, startSink } from '../servers.ts'

/**
 * Pending items are claimed, rendered, signed, sent to an SMTP server in another process and recorded, by the program
 * as it is. The reference sends ready mails of the same size in a plain loop, through as many connections.
 */
export const endToEnd: BenchCase = {
  name: 'end-to-end',
  title: 'From pending items to digests that are recorded as sent',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    const readers = quick ? 2_000 : 8_000
    await buildProcesses()
    const database = await startDatabase(stack)
    await fillEvenly(database, { readers, messages: 5 })
    await collectAll(database)
    await keepItems(database)
    const port = await startSink(stack)
    const amavisd = stack.use(await startAmavisd({ storage: database, sink: { port } }))
    for (const connections of quick ? [10] : [10, 100]) {
      using program = await createProgram({
        storage: { url: database.url },
        smtp: { url: `smtp://127.0.0.1:${port}`, from: 'Mail quarantine <quarantine@example.com>' },
        release: { via: `unix://${amavisd.socketPath}` },
        delivery: { connections },
      })
      const { ours, plain } = await inTurns(rounds, {
        ours: async () => {
          await restoreItems(database)
          const before = await statementsOf(database)
          const figures = await figuresOf<ProcessFigures>('chain', [program.configFile])
          if (figures.sent !== readers) throw new Error(`${figures.sent} digests instead of ${readers}`)
          return { ...figures, statements: (await statementsOf(database)) - before }
        },
        plain: () => figuresOf<ProcessFigures>('plain-loop', [`${port}`, `${readers}`, `${connections}`]),
      })
      const through = `${readers} digests of 5, ${connections} connections`
      const what = `nodemailer's pool, ready mails`
      yield comparison(
        through,
        'digests/s',
        ours.map(speed),
        { what, values: plain.map(speed) },
        { of: 'ratio', atLeast: 1.5 },
      )
      yield comparison(
        'CPU for each',
        'ms',
        ours.map(cpu),
        { what, values: plain.map(cpu) },
        { of: 'ratio', atMost: 0.55 },
      )
      const perDigest = ours.map(({ statements, sent }) => statements / sent)
      yield figure('SQL statements for each, all told', '', perDigest)
    }
  },
}

const speed = ({ sent, total }: ProcessFigures): number => (sent / total) * 1000
const cpu = ({ sent, cpu: all }: ProcessFigures): number => all / sent

async function collectAll({ url }: MariaDbStorage): Promise<void> {
  await using storage = connect<AmavisTables>('storage', url)
  await using state = connect<StateTables>('state', url)
  const deps = {
    storage: storage.sql,
    state,
    directory: addresses(''),
    filter: { localOnly: true, excludedKinds: ['virus'] },
    overlap: 15 * MINUTE,
    initial: DAY,
    domain: 'example.com',
    meter: SILENT_METER,
    log: pino({ level: 'silent' }),
  } as const
  await collect(deps, Date.now())
}

const keepItems = (database: MariaDbStorage): Promise<unknown> =>
  asRoot(
    database.server,
    `CREATE TABLE kept_items LIKE digest_item; INSERT INTO kept_items SELECT * FROM digest_item`,
    database.database,
  )

/** No digest has been made yet, and all items wait. */
const restoreItems = (database: MariaDbStorage): Promise<unknown> =>
  asRoot(
    database.server,
    `TRUNCATE digest_item; TRUNCATE digest_digest; TRUNCATE digest_run;
     INSERT INTO digest_item SELECT * FROM kept_items; ANALYZE TABLE digest_item, digest_digest`,
    database.database,
  )

async function statementsOf({ query }: MariaDbStorage): Promise<number> {
  const [row] = await query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Questions'")
  return Number(row?.Value)
}
