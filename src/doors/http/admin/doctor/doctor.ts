import { displayText } from '../../../../ground/display/text.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Status } from '../../../../ground/health/check.ts'
import type { Editor } from '../../../../rules/reach/reach.ts'
import type { Examination, Examinations } from '../../../../work/doctor/last-examination.ts'
import { type Examined, isHealthy } from '../../../../work/doctor/run-checks.ts'
import type { Writer } from '../../web/writer.ts'
import type { AdminHandler } from '../frame/visit.ts'

export interface DoctorRouteDeps {
  readonly doctor: Examinations
}

/** GET /admin/doctor: what was found when somebody looked last. */
export const showDoctor =
  ({ doctor }: DoctorRouteDeps): AdminHandler =>
  ({ editor, show }) => {
    requireEverything(editor)
    const last = doctor.last()
    show({ page: 'doctor', section: 'overview', model: writer => doctorModel(last, writer) })
  }

/** POST /admin/doctor: looks now. */
export const postDoctor =
  ({ doctor }: DoctorRouteDeps): AdminHandler =>
  async ({ editor, goTo }) => {
    requireEverything(editor)
    await doctor.examine()
    goTo('/admin/doctor')
  }

/** Servers, accounts and policies are the business of whoever runs the program. */
function requireEverything({ reach }: Editor): void {
  if (reach !== undefined) throw new CodedError('OUT_OF_REACH', 'Only an admin of all domains can see this.')
}

const doctorModel = (last: Examination | undefined, writer: Writer) => ({
  action: writer.url('/admin/doctor'),
  last: last && {
    at: writer.time(last.at),
    machine: new Date(last.at).toISOString(),
    isHealthy: isHealthy(last.found),
    counts: STATUSES.map(status => ({
      label: writer.words.say(`admin.doctor.status.${status}`),
      count: writer.number(last.found.filter(finding => finding.status === status).length),
    })),
    findings: last.found
      .filter(({ status }) => status !== 'ok')
      .toSorted((one, other) => STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status))
      .map(finding => findingRow(finding, writer)),
  },
})

/** The worst first: a page is read from its top. */
const STATUSES = ['fail', 'warn', 'skip', 'ok'] as const satisfies readonly Status[]

const findingRow = ({ id, status, message, fix }: Examined, { words }: Writer) => ({
  id,
  mood: MOODS[status],
  status: words.say(`admin.doctor.status.${status}`),
  message: displayText(message, 2000),
  fix: fix === undefined ? undefined : displayText(fix, 2000),
})

/** The classes of a badge: `style.css`. */
const MOODS: Readonly<Record<Status, string>> = { fail: 'bad', warn: 'wait', skip: '', ok: 'good' }
