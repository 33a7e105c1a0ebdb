import type { AmavisdRoutes } from '../../../ground/config/amavis/routes.ts'
import { type Check, type Finding, ok, skip, warn } from '../../../ground/health/check.ts'

/** Who answers at a port of this machine: amavisd's filter, something else, or nobody. */
export type Answerer = 'filter' | 'other' | 'nobody'

export interface ReleaseTargetDeps {
  /** What amavisd's configuration says; undefined when it is not on this machine or cannot be read. */
  readonly routes: () => AmavisdRoutes | undefined
  readonly whoAnswers: (host: string, port: number) => Promise<Answerer>
}

/** Whether a released message leads to the mailboxes, as far as amavisd's configuration tells. */
export const releaseTargetCheck = ({ routes, whoAnswers }: ReleaseTargetDeps): Check => ({
  id: 'release.target',
  async run() {
    const found = routes()
    if (!found) return [skip(NOT_READ, SEND_TEST)]
    const { setting, value } = found.release ?? { setting: '$notify_method', value: STANDARD }
    const where = `${setting} (${found.path}) is ${value === '' ? 'empty' : value}`
    const [, host, port] = /^(?:e?smtp|lmtp):\[?([^\]]*?)\]?:([^:;]+)/i.exec(value) ?? []
    if (host === undefined || port === undefined) return [byNoSmtp(where, value)]
    if (port.includes('*') || host.includes('*')) return [warn(`${where}: ${TO_NOBODY}`, MEND)]
    if (!/^\d+$/.test(port)) return [skip(`${where}: only a test tells where that leads`, SEND_TEST)]
    if (isLocal(host) && found.mailPorts.includes(port)) return [warn(`${where}: ${BACK}`, MEND)]
    return [ofAnswerer(where, await whoAnswers(isLocal(host) ? LOOPBACK : host, Number(port)))]
  },
})

const LOOPBACK = '127.0.0.1'

/** The default of `$notify_method` in amavisd 2.13. */
const STANDARD = 'smtp:[127.0.0.1]:10025'

const SEND_TEST = 'amavis-digest doctor --send-test ADDRESS releases a message of its own and follows it.'
const NOT_READ = "where amavisd sends released mail cannot be told: its configuration can't be read here"

const TO_NOBODY =
  'it stands for the port of the client that sent the mail, which a release does not have, so released mail goes astray.'
const BACK = 'that is a port at which amavisd itself scans mail, so a released message is held again.'

const MEND =
  "Set $release_method = 'smtp:[127.0.0.1]:10025'; (the port at which your MTA takes mail back) in a file that amavisd reads last; restart amavisd."

function byNoSmtp(where: string, value: string): Finding {
  if (value === '') return warn(`${where}: released mail goes nowhere.`, MEND)
  if (/^(?:pipe|bsmtp|local|sql|discard):/i.test(value))
    return warn(`${where}: released mail does not go to a mail server.`, MEND)
  return skip(`${where}: only a test tells where that leads`, SEND_TEST)
}

function ofAnswerer(where: string, answerer: Answerer): Finding {
  switch (answerer) {
    case 'filter':
      return warn(`${where}: ${BACK}`, MEND)
    case 'nobody':
      return warn(`${where}: nobody answers there, so released mail goes nowhere.`, MEND)
    case 'other':
      return ok(`${where}, where a mail server answers`)
  }
}

/** `*` is the client's own address; amavisd's configuration is on this machine. */
const isLocal = (host: string): boolean => /^(?:127\.|::1$|localhost$)/i.test(host)
