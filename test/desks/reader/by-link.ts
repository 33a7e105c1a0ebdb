import { type HeldMessageDeps, openMessage } from '../../../src/desks/reader/open-message.ts'
import { type ReaderRequest, releaseForReader } from '../../../src/desks/reader/release-for-reader.ts'
import * as moving from '../../../src/desks/reader/settings/move-digests.ts'
import {
  type Choices,
  type PauseSpan,
  type ReaderSettingsDeps,
  readerSettingsDesk,
} from '../../../src/desks/reader/settings/settings-desk.ts'
import { type LinkDeps, visitByLink } from '../../../src/desks/reader/visit-by-link.ts'
import * as whole from '../../../src/desks/reader/whole-digest.ts'

/** The readers' use-cases, called with the token of a link. */

export async function openReleaseLink(deps: LinkDeps & HeldMessageDeps, token: string) {
  const { visitor, subject, until } = await visitByLink(deps, 'release', token)
  return { ...(await openMessage(deps, visitor, subject)), releasableUntil: until }
}

export async function releaseByLink(deps: LinkDeps & HeldMessageDeps, token: string, request: ReaderRequest) {
  const { visitor, subject } = await visitByLink(deps, 'release', token)
  return releaseForReader(deps, visitor, subject, request)
}

export async function openWholeDigest(
  deps: LinkDeps & whole.WholeDigestDeps,
  token: string,
  page: number,
  find = '',
) {
  const { visitor, subject } = await visitByLink(deps, 'digest', token)
  return whole.openWholeDigest(deps, visitor, subject, { page, find })
}

export async function openDestination(deps: LinkDeps & moving.DestinationDeps, token: string) {
  const { visitor, subject } = await visitByLink(deps, 'destination', token)
  return moving.openDestination(deps, visitor, subject)
}

export async function confirmDestination(
  deps: LinkDeps & moving.DestinationDeps,
  token: string,
  remoteAddress: string | null,
  pressed = false,
) {
  const { visitor, subject } = await visitByLink(deps, 'destination', token)
  return moving.confirmDestination(deps, visitor, subject, { pressed, remoteAddress })
}

export function settingsByLink(deps: LinkDeps & ReaderSettingsDeps) {
  const desk = readerSettingsDesk(deps)
  const by = async (token: string) => (await visitByLink(deps, 'preferences', token)).visitor
  return {
    open: async (token: string) => desk.show(await by(token)),
    pause: async (token: string, span: PauseSpan, from: string | null) =>
      desk.pause(await by(token), span, from),
    choose: async (token: string, choices: Choices, from: string | null) =>
      desk.choose(await by(token), choices, from),
    sendNow: async (token: string, from: string | null) => desk.sendNow(await by(token), from),
    askForDestination: async (token: string, address: string, from: string | null) =>
      desk.askForDestination(await by(token), address, from),
  }
}
