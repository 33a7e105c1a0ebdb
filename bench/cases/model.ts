import { startAmavisd } from '../../test/servers/amavisd.ts'
import type { MariaDbStorage } from '../../test/servers/storage.ts'
import { createProgram } from '../../test/stack/program.ts'
import { buildProcesses } from '../built-program.ts'
import { type BenchCase, comparison, figure, inTurns, spreadOf } from '../figures.ts'
import { PARTS, type Parts, timeOfRun } from '../model.ts'
import { figuresOf, type ProcessFigures } from '../processes/figures.ts'
import { serverOf } from '../server-cpu.ts'
import { statementsOf, writtenBy } from '../server-figures.ts'
import { startSink } from '../servers.ts'
import { startSlowSink } from '../slow-sink.ts'
import { restoreItems, startWaiting } from '../waiting-items.ts'

/**
 * Measures what one digest costs with an SMTP server that answers at once. From that it predicts how long a run takes
 * with one that needs 20 ms for a mail, and then measures that run.
 */
export const model: BenchCase = {
  name: 'model',
  title: 'The model of docs/scaling.md',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    const readers = quick ? 500 : 8_000
    await buildProcesses()
    const database = await startWaiting(stack, { readers, messages: 5 })
    const port = await startSink(stack)
    const slow = await startSlowSink(stack, LATENCY)
    const amavisd = stack.use(await startAmavisd({ storage: database, sink: { port } }))
    const run = async (sinkPort: number, connections: number): Promise<Measured> => {
      using program = await createProgram({
        storage: { url: database.url },
        smtp: { url: `smtp://127.0.0.1:${sinkPort}`, from: 'Mail quarantine <quarantine@example.com>' },
        release: { via: `unix://${amavisd.socketPath}` },
        delivery: { connections },
      })
      await restoreItems(database)
      return await measureChain(database, program.configFile, readers)
    }

    const { many, single } = await inTurns(rounds, {
      many: () => run(port, CONNECTIONS),
      single: () => run(port, 1),
    })
    const measured = { ...partsOf(many), hold: single.map(sendingOf) }
    for (const [part, unit] of UNITS) yield figure(PARTS[part].what, unit, measured[part])

    const median = (part: 'making' | 'sending' | 'hold') => spreadOf(measured[part]).median
    const parts = { making: median('making'), sending: median('sending'), hold: median('hold') }
    const predicted =
      timeOfRun(parts, { digests: readers, connections: CONNECTIONS, latency: LATENCY }) / 1000
    const through = `${readers} digests, ${CONNECTIONS} connections, ${LATENCY} ms for a mail`
    yield figure(`predicted: ${through}`, 's', [predicted])
    const { runs } = await inTurns(rounds, { runs: () => run(slow.port, CONNECTIONS) })
    yield comparison(
      `measured: ${through}`,
      's',
      runs.map(({ total }) => total / 1000),
      { what: 'predicted', values: runs.map(() => predicted) },
      { of: 'ratio', atMost: 1.25 },
    )
  },
}

const CONNECTIONS = 10

/** How long the slow SMTP server needs for a mail, in milliseconds. */
const LATENCY = 20

interface Measured extends ProcessFigures {
  /** Milliseconds until all digests were made. */
  readonly made: number
  readonly databaseCpu: number
  readonly statements: number
  readonly rowsWritten: number
  readonly writes: number
  readonly log: number
}

async function measureChain(
  database: MariaDbStorage,
  configFile: string,
  readers: number,
): Promise<Measured> {
  const server = serverOf(database.url)
  const before = { cpu: server.cpu(), sql: await statementsOf(database), written: await writtenBy(database) }
  const figures = await figuresOf<ProcessFigures & { readonly made: number }>('chain', [configFile])
  if (figures.sent !== readers) throw new Error(`${figures.sent} digests instead of ${readers}`)
  const written = await writtenBy(database)
  return {
    ...figures,
    databaseCpu: server.cpu() - before.cpu,
    statements: (await statementsOf(database)) - before.sql,
    rowsWritten: written.rows - before.written.rows,
    writes: written.statements - before.written.statements,
    log: written.log - before.written.log,
  }
}

/** With as many connections as the processor can use. */
function partsOf(runs: readonly Measured[]) {
  const perDigest = (what: (run: Measured) => number) => runs.map(run => what(run) / run.sent)
  return {
    making: perDigest(({ made }) => made),
    sending: runs.map(sendingOf),
    cpu: perDigest(({ cpu }) => cpu),
    databaseCpu: perDigest(({ databaseCpu }) => databaseCpu),
    statements: perDigest(({ statements }) => statements),
    rowsWritten: perDigest(({ rowsWritten }) => rowsWritten),
    writes: perDigest(({ writes }) => writes),
    log: perDigest(({ log }) => log),
  }
}

const sendingOf = ({ total, made, sent }: Measured): number => (total - made) / sent

const UNITS: readonly (readonly [Exclude<keyof Parts, 'redisCommands' | 'redisCpu'>, string])[] = [
  ['making', 'ms'],
  ['cpu', 'ms'],
  ['sending', 'ms'],
  ['hold', 'ms'],
  ['databaseCpu', 'ms'],
  ['statements', ''],
  ['rowsWritten', ''],
  ['writes', ''],
  ['log', 'octets'],
]
