import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/**
 * Runs SpamAssassin with local tests only, because network tests change from day to day. It has its own home directory
 * and learns nothing.
 */
export async function spamAssassin(message: string, ...options: string[]): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'digest-spamassassin-'))
  try {
    const process = spawn('spamassassin', [...OPTIONS, ...options], {
      stdio: 'pipe',
      env: { HOME: home, PATH: '/usr/bin:/bin' },
    })
    process.stdin.end(message, 'latin1')
    const [report, log] = await Promise.all([text(process.stdout), text(process.stderr)])
    return log + report
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

const OPTIONS = ['--test-mode', '--local', '--nocreate-prefs', '--cf=bayes_auto_learn 0']

/** A Received header to put before a message that has not passed a mail server. */
export const RECEIVED = `Received: from quarantine.example.com (quarantine.example.com [8.8.8.8])
\tby mx.example.com with ESMTPS id 4711; ${new Date().toUTCString().replace('GMT', '+0000')}\r\n`

/** Typical subjects of spam. */
export const SPAM_SUBJECTS = [
  'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X',
  'VIAGRA CIALIS 80% OFF!!! Buy now http://pills.example.ru/buy?x=1',
  'Cheap Cialis Levitra Xanax Valium Ambien Vicodin no prescription needed',
  'Make money fast working from home $$$ 100% free',
  'URGENT: You have won $5,000,000 USD in the lottery - contact our barrister',
  'Dear friend, I am the widow of the late General Abacha, next of kin needed',
  'I recorded you. Pay to my bitcoin wallet 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2',
  'Enlarge your penis naturally, male enhancement, harder erections!!!',
  'Hot XXX girls live sex cams, click here www.porn.xyz',
  'Cheap Rolex replica watches at https://rolex-replica.top',
  'Re: refinance mortgage rates, no obligation, ACT NOW, limited time, risk free',
  'Earn $5000 a week, be your own boss, call +1 (800) 555-1234',
  'Your mailbox password will expire today, verify your PayPal account',
  'Lose weight fast, 30 pounds in 30 days, money back guarantee',
]
