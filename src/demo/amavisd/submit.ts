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
      return `250 2.0.0 from ${mta}: ${response}`
    } catch (error) {
      return refusal(error, mta)
    }
  }
}

function refusal(error: unknown, mta: string): string {
  const code = property(error, 'responseCode')
  if (typeof code !== 'number') return `451 4.5.0 from ${mta} during fwd-connect (${String(error)})`
  return `${code} ${Math.floor(code / 100)}.0.0 from ${mta}: ${property(error, 'response')}`
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
