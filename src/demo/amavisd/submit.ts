import { createTransport } from 'nodemailer'
import type { Submit } from './release.ts'

/** Delivers to an SMTP server of this computer, one connection per mail, and words its answer as amavisd does. */
export function submitTo(port: number): Submit {
  const mta = `MTA(smtp:[127.0.0.1]:${port})`
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async ({ sender, recipient, text }) => {
    try {
      const { response } = await transport.sendMail({ envelope: { from: sender, to: recipient }, raw: text })
      return amavisReply(response, mta)
    } catch (error) {
      return refusal(error, mta)
    }
  }
}

function refusal(error: unknown, mta: string): string {
  const response = property(error, 'response')
  if (typeof response === 'string') return amavisReply(response, mta)
  return `451 4.5.0 from ${mta} during fwd-connect (${String(error)})`
}

/** amavisd puts the codes in front. If the server sent no enhanced code, amavisd makes one of the class and `.6.0`. */
function amavisReply(response: string, mta: string): string {
  const [, code = '451', enhanced] = /^(\d{3})[ -](\d\.\d{1,3}\.\d{1,3})?/.exec(response) ?? []
  return `${code} ${enhanced ?? `${code[0]}.6.0`} from ${mta}: ${response}`
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
