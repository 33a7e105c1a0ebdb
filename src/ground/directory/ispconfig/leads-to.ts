import type { Step } from '../directory.ts'
import { withoutExtension } from '../extension.ts'
import { domainOf, readerAddress } from '../reader-address.ts'
import { MAX_DESTINATIONS } from './destinations.ts'
import type { AddressRows, ForwardRow, MailboxRow } from './rows.ts'

/** Where the mail of one address goes next. */
export interface Lead {
  readonly steps: readonly Edge[]
  /** Whether mail stays at this address and has a reader there. */
  readonly isRead: boolean
  /** The row of its mailbox. */
  readonly mailbox?: MailboxRow | undefined
}

/** A step; `follow` is the address that has to be looked up next, if any. */
export interface Edge {
  readonly step: Step
  readonly follow?: string
}

export interface LeadOptions {
  /** See `withoutExtension`. */
  readonly recipientDelimiter: string
  /** Whether the owner of an address elsewhere gets digests. */
  readonly isOutsideReader: (address: string) => boolean
}

/**
 * What ISPConfig's Postfix does with an address: `mysql-virtual_forwardings.cf`, `…alias_maps.cf`,
 * `…email2email.cf` and `…mailboxes.cf` of its `install/tpl`, in the order in which Postfix looks things up. An alias
 * comes before a mailbox of its name; the catch-all serves only names that nothing else has. Where the lookups of
 * ISPConfig's versions differ, as for an alias within an alias domain, the row of the address itself counts.
 *
 * @param rowsOf has the rows of the address, and of the address without its extension
 */
export function leadsTo(
  address: string,
  rowsOf: (address: string) => AddressRows,
  options: LeadOptions,
): Lead {
  const rows = rowsOf(address)
  const list = listOf(address, rows)
  if (list !== undefined) return dead({ is: 'list', from: address, to: null, row: list })
  if (rows.forwards.some(({ destinations }) => destinations.length > 0))
    return forwarded(address, rows.forwards, rows, options)
  const bare = rows.mailbox ? undefined : withoutExtension(address, options.recipientDelimiter)
  if (bare !== undefined && exists(rowsOf(bare))) return withoutItsExtension(address, bare)
  const { catchAll, aliasDomain } = rows.domain
  if (catchAll.length > 0 && !exists(rows)) return forwarded(address, catchAll, rows, options)
  if (aliasDomain) return forwarded(address, [aliasDomain], rows, options)
  const [empty] = rows.forwards
  if (empty && !rows.mailbox) return dead({ is: empty.is, from: address, to: null, row: empty.row })
  if (bare !== undefined && rowsOf(bare).relay !== undefined) return withoutItsExtension(address, bare)
  return delivered(address, rows, options)
}

/** Whether a name is in use, even by a row that leads nowhere. */
const exists = ({ forwards, mailbox }: AddressRows): boolean => forwards.length > 0 || mailbox !== undefined

const withoutItsExtension = (address: string, bare: string): Lead =>
  leads([{ step: { is: 'extension', from: address, to: bare, row: null }, follow: bare }])

/** The list whose address this is, or the address of its owner, of its commands or for its bounces. */
function listOf(address: string, { domain }: AddressRows): string | undefined {
  if (domain.lists.size === 0) return undefined
  const local = address.slice(0, address.lastIndexOf('@'))
  return domain.lists.get(local) ?? domain.lists.get(local.replace(LIST_ADDRESS, ''))
}

/** The addresses that Mailman gives to each list. That for bounces has the subscriber's address after a plus sign. */
const LIST_ADDRESS =
  /-(?:admin|bounces(?:\+.*)?|confirm(?:\+.*)?|join|leave|owner|request|subscribe|unsubscribe)$/

function forwarded(
  address: string,
  forwards: readonly ForwardRow[],
  rows: AddressRows,
  options: LeadOptions,
): Lead {
  const count = forwards.reduce((sum, { destinations }) => sum + destinations.length, 0)
  if (count > MAX_DESTINATIONS) {
    const row = forwards[0]?.row ?? null
    return dead({ is: 'too-many', from: address, to: null, row })
  }
  const edges = forwards.flatMap(forward => edgesOf(address, forward))
  // An address that leads to itself is not looked up again, not even for the copies that its mailbox has.
  const mailbox = rows.mailbox && withoutCopies(rows.mailbox)
  const leadsBack = edges.some(({ follow }) => follow === address)
  const own = leadsBack ? delivered(address, { ...rows, mailbox }, options) : NOWHERE
  return {
    ...own,
    steps: [...edges.filter(({ follow }) => follow !== address), ...own.steps],
  }
}

const withoutCopies = (mailbox: MailboxRow): MailboxRow =>
  mailbox.copiedByDovecot ? mailbox : { ...mailbox, onlyCopies: false, copies: [] }

function edgesOf(address: string, { is, row, destinations }: ForwardRow): Edge[] {
  const local = address.slice(0, address.lastIndexOf('@'))
  return destinations.map(destination => {
    const isDomain = is === 'aliasdomain' || destination.startsWith('@')
    const to = isDomain ? readerAddress(`${local}@${domainOf(destination)}`) : destination
    if (to === undefined) return { step: { is, from: address, to: null, row } }
    return { step: { is, from: address, to, row }, follow: to }
  })
}

/** Mail to this address is not sent on. */
function delivered(address: string, rows: AddressRows, { isOutsideReader }: LeadOptions): Lead {
  if (rows.mailbox) return toMailbox(address, rows.mailbox)
  if (rows.relay !== undefined) return here({ is: 'relay', from: address, to: address, row: rows.relay })
  if (rows.domain.isLocal) return dead({ is: 'unknown', from: address, to: null, row: null })
  const isAllowed = isOutsideReader(address)
  const step: Step = { is: 'outside', from: address, to: isAllowed ? address : null, row: null }
  return isAllowed ? here(step) : dead(step)
}

function toMailbox(address: string, mailbox: MailboxRow): Lead {
  const { row, isOff, onlyCopies, copies } = mailbox
  if (copies.length > MAX_DESTINATIONS) return dead({ is: 'too-many', from: address, to: null, row })
  const sent = copies
    .filter(copy => copy !== address && !copy.startsWith('@'))
    .map(to => ({ step: { is: 'cc', from: address, to, row } as const, follow: to }))
  if (onlyCopies) return leads(sent)
  const step: Step = { is: isOff ? 'off' : 'mailbox', from: address, to: address, row }
  return { isRead: true, mailbox, steps: [{ step }, ...sent] }
}

const NOWHERE: Lead = { isRead: false, steps: [] }

const leads = (steps: readonly Edge[]): Lead => ({ isRead: false, steps })

const dead = (step: Step): Lead => leads([{ step }])

const here = (step: Step): Lead => ({ isRead: true, steps: [{ step }] })
