// Loaded into each process before the program (`node --import`). It gives the process a name by which the SMTP sink
// knows it, and kills it at the step that CHAOS_CRASH names: `release-answered:3` is the third time.
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'
import os from 'node:os'
import { STEP_CHANNEL, type Step } from '../../src/ground/steps.ts'
import { clientName } from './process-name.ts'

// nodemailer uses it in EHLO.
os.hostname = () => clientName(process.pid)

const [step, count] = (process.env.CHAOS_CRASH ?? '').split(':')
let left = Number(count)

if (step) {
  subscribe(STEP_CHANNEL, message => {
    if ((message as { readonly step: Step }).step !== step) return
    left -= 1
    if (left !== 0) return
    appendFileSync(process.env.CHAOS_DEATHS ?? '/dev/null', `${process.pid} ${Date.now()} ${step}\n`)
    process.kill(process.pid, 'SIGKILL')
  })
}
