import { startAmavisd } from '../../test/servers/amavisd.ts'
import { createProgram } from '../../test/stack/program.ts'
import { buildProcesses } from '../built-program.ts'
import { type BenchCase, comparison, figure, inTurns } from '../figures.ts'
import { figuresOf, type ProcessFigures } from '../processes/figures.ts'
import { statementsLike, statementsOf } from '../server-figures.ts'
import { startSink } from '../servers.ts'
import { restoreItems, startWaiting } from '../waiting-items.ts'

/**
 * Pending items are claimed, rendered, signed, sent to an SMTP server in another process and recorded, by the program
 * as it is. The reference sends ready mails of the same size in a plain loop, through as many connections.
 */
export const endToEnd: BenchCase = {
  name: 'end-to-end',
  title: 'From pending items to digests that are recorded as sent',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    const readers = quick ? 1_000 : 8_000
    await buildProcesses()
    const database = await startWaiting(stack, { readers, messages: 5 })
    const port = await startSink(stack)
    const amavisd = stack.use(await startAmavisd({ storage: database, sink: { port } }))
    for (const connections of quick ? [10] : [10, 100]) {
      using program = await createProgram({
        storage: { url: database.url },
        smtp: { url: `smtp://127.0.0.1:${port}`, from: 'Mail quarantine <quarantine@example.com>' },
        release: { via: `unix://${amavisd.socketPath}` },
        delivery: { connections },
      })
      const sendAll = async () => {
        await restoreItems(database)
        const before = await statementsOf(database)
        const figures = await figuresOf<ProcessFigures>('chain', [program.configFile])
        if (figures.sent !== readers) throw new Error(`${figures.sent} digests instead of ${readers}`)
        return { ...figures, statements: (await statementsOf(database)) - before }
      }
      const { ours, plain } = await inTurns(rounds, {
        ours: sendAll,
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
      const records = await statementsLike(database, RECORDING, sendAll)
      yield figure('SQL statements for recording 100 digests', '', [(records / readers) * 100], {
        of: 'ours',
        atMost: 1,
      })
    }
  },
}

/** How `recordSent` begins (src/work/digest/send/outbox.ts). */
const RECORDING = 'update `digest_digest` set `state` = %'

const speed = ({ sent, total }: ProcessFigures): number => (sent / total) * 1000
const cpu = ({ sent, cpu: all }: ProcessFigures): number => all / sent
