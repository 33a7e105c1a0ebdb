import type { Page } from '../web/page.ts'
import { listChanges } from './changes/changes.ts'
import { listDigests, postDigest, showDigest } from './digests/digests.ts'
import { type DoctorRouteDeps, postDoctor, showDoctor } from './doctor/doctor.ts'
import { showClicks } from './figures/clicks.ts'
import type { AdminHandler } from './frame/visit.ts'
import {
  postPause,
  postReader,
  postSendNow,
  type ReaderRouteDeps,
  showPreview,
  showReader,
} from './readers/reader.ts'
import { listReaders } from './readers/readers.ts'
import { listReleases, postRelease } from './releases/releases.ts'
import { postRequest, type RequestRouteDeps, showRequest } from './requests/request.ts'
import { listRequests } from './requests/requests.ts'
import { showCalendar } from './schedules/calendar.ts'
import { confirmRemoval, removeSchedulePage } from './schedules/schedule-removal.ts'
import {
  editSchedule,
  listSchedulesPage,
  newSchedule,
  postSchedule,
  type SchedulesRouteDeps,
} from './schedules/schedules.ts'
import { postSenders, type SendersRouteDeps, showSenders } from './senders/senders.ts'

export interface DeskPagesDeps
  extends SchedulesRouteDeps,
    ReaderRouteDeps,
    DoctorRouteDeps,
    RequestRouteDeps,
    SendersRouteDeps {}

/**
 * Every page of the desk except the overview. Addresses are sent in the query, because some of their characters do not
 * pass proxies in a path.
 */
export const deskPages = (deps: DeskPagesDeps): readonly Page<AdminHandler>[] => [
  { path: '/admin/schedules', get: listSchedulesPage(deps) },
  { path: '/admin/schedules/new', get: newSchedule(deps), post: postSchedule(deps) },
  { path: '/admin/schedules/edit', get: editSchedule(deps), post: postSchedule(deps) },
  { path: '/admin/schedules/remove', get: confirmRemoval(deps), post: removeSchedulePage(deps) },
  { path: '/admin/schedules/calendar', get: showCalendar(deps) },
  { path: '/admin/readers', get: listReaders(deps) },
  { path: '/admin/readers/of', get: showReader(deps), post: postReader(deps) },
  { path: '/admin/readers/preview', get: showPreview(deps) },
  { path: '/admin/readers/pause', post: postPause(deps) },
  { path: '/admin/readers/send', post: postSendNow(deps) },
  { path: '/admin/digests', get: listDigests(deps) },
  { path: '/admin/digests/:id', get: showDigest(deps), post: postDigest(deps) },
  { path: '/admin/releases', get: listReleases(deps), post: postRelease(deps) },
  { path: '/admin/requests', get: listRequests(deps) },
  { path: '/admin/requests/:id', get: showRequest(deps), post: postRequest(deps) },
  { path: '/admin/senders', get: showSenders(deps), post: postSenders(deps) },
  { path: '/admin/clicks', get: showClicks(deps) },
  { path: '/admin/doctor', get: showDoctor(deps), post: postDoctor(deps) },
  { path: '/admin/changes', get: listChanges(deps) },
]
