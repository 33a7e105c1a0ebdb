import { buildProcesses } from '../built-program.ts'
import { type BenchCase, comparison, inTurns } from '../figures.ts'
import { figuresOf, type ProcessFigures } from '../processes/figures.ts'
import { startSink } from '../servers.ts'

/**
 * Ready mails of the size of a digest, through the program's connections and through nodemailer's pool. The targets are
 * 0.13 ms of CPU where `raw` costs 0.44 and a plain loop 0.8.
 */
export const smtp: BenchCase = {
  name: 'smtp',
  title: 'Handing ready mails to an SMTP server',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    await buildProcesses()
    const port = await startSink(stack)
    const mails = quick ? 1_000 : 4_000
    for (const connections of quick ? [10] : [1, 10, 50, 100]) {
      const args = [`${port}`, `${mails}`, `${connections}`]
      const { ours, raw, plain } = await inTurns(rounds, {
        ours: () => figuresOf<ProcessFigures>('ready-mails', [...args, 'ours']),
        raw: () => figuresOf<ProcessFigures>('ready-mails', [...args, 'raw']),
        plain: () => figuresOf<ProcessFigures>('plain-loop', args),
      })
      const through = `a mail of 5 messages, ${connections} connections`
      for (const { what, other, atMost } of [
        { what: `nodemailer's pool, the same octets by raw`, other: raw, atMost: 0.3 },
        { what: `nodemailer's pool, HTML and text`, other: plain, atMost: 0.16 },
      ]) {
        const target = { of: 'ratio', atMost } as const
        yield comparison(`${through}: CPU`, 'ms', ours.map(cpu), { what, values: other.map(cpu) }, target)
        yield comparison(through, 'mails/s', ours.map(speed), { what, values: other.map(speed) })
      }
    }
  },
}

const cpu = ({ sent, cpu: all }: ProcessFigures): number => all / sent
const speed = ({ sent, total }: ProcessFigures): number => (sent / total) * 1000
