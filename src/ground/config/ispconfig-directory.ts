import { shellWord } from '../files/shell-word.ts'
import type { Finding } from './amavis/finding.ts'
import type { IspconfigDatabase, Unread } from './ispconfig-conf.ts'

/**
 * What is proposed where ISPConfig's database is known: its directory.
 *
 * amavisd takes an address for a local one if a policy of ISPConfig's applies to it. Without one for the domain or the
 * mailbox, which is how the panel makes them, it says N, and such mail would be in no digest. The directory itself knows
 * whose mail it is, so `collect.localOnly` is off.
 *
 * @param url with an account of our own
 */
export function directoryFindings({ file }: IspconfigDatabase, url: string): Finding[] {
  return [
    { key: 'directory.kind', value: 'ispconfig', source: `found in ${file}` },
    { key: 'directory.url', value: url, source: `found in ${file}; init made up the account` },
    {
      key: 'collect.localOnly',
      value: false,
      source:
        'ISPConfig: amavisd takes domains without a policy for foreign ones; the directory knows better',
    },
  ]
}

/**
 * What is offered in comments: to allow and block senders, through the panel. Its remote user has to be made there
 * first. The panel of a server that has a master is the master's.
 */
export function senderOffers({ file, master }: IspconfigDatabase): Finding[] {
  const host = master === undefined || !/^[\w.-]+$/.test(master) ? 'localhost' : master
  const source = `ISPConfig (${file}): make a remote user in the panel, System, Remote Users`
  return [
    { key: 'senders.kind', value: 'ispconfig-api', source, isOffer: true },
    {
      key: 'senders.url',
      value: `https://${host}:8080`,
      source: "CHECK: the panel's address",
      isOffer: true,
    },
    { key: 'senders.user', value: 'amavis-digest', source: 'CHECK: the remote user', isOffer: true },
  ]
}

/** Where there is an ISPConfig, whether or not we may read its configuration. */
export const PORT_BESIDE_PANEL: Finding = {
  key: 'http.port',
  value: 8090,
  source: 'ISPConfig: its panel has 8080, and its apps have 8081',
}

/**
 * What is still to be done, a sentence each.
 *
 * @param accountFile the SQL of the account
 */
export function directoryNotes(
  ispconfig: IspconfigDatabase | Unread | undefined,
  accountFile: string | undefined,
): string[] {
  if (ispconfig === undefined) return []
  if ('reason' in ispconfig) return [unread(ispconfig)]
  const { host, database, serverId, master } = ispconfig
  const file = shellWord(accountFile ?? '')
  return [
    `ISPConfig: the account of directory.url does not exist yet. As an admin of ${database} on ${host}: mariadb < ${file} && rm ${file}`,
    ...(master === undefined ? [] : [mastered(master, serverId)]),
    `ISPConfig: a policy can discard mail without a copy; Non-paying and Normal do. ${GUIDE} says how to find out.`,
  ]
}

const GUIDE = 'docs/guides/ispconfig.md'

const unread = ({ file, reason }: Unread): string =>
  reason === 'unreadable'
    ? `ISPConfig: ${file} cannot be read, so each address gets its own digest. Run init as root, or set directory yourself: ${GUIDE}`
    : `ISPConfig: ${file} does not name its database in plain words. Set directory yourself: ${GUIDE}`

const mastered = (master: string, serverId: string | undefined): string =>
  `ISPConfig: this is one of several servers${serverId === undefined ? '' : ` (server_id ${serverId})`}, with its master on ${master}. directory.url names this server's own database, which has its mailboxes; the languages of their owners may be on the master only.`
