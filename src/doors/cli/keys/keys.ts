import type { Command } from 'commander'
import type { Config } from '../../../ground/config/schema.ts'
import type { TokenKey } from '../../../ground/links/token-key.ts'
import { type Cli, type CommonOptions, configOf, print, printNote } from '../context.ts'
import { localTime } from '../local-time.ts'
import { table } from '../table.ts'
import { addApiKeys } from './keys-api.ts'

export function addKeys(program: Command, cli: Cli): void {
  const keys = program.command('keys').description('the keys that sign links, and those of the HTTP API')
  keys
    .command('list')
    .description('show the keys, without their secrets')
    .option('--json', 'as JSON')
    .action(list)
  keys
    .command('rotate')
    .description('add a key; older ones still verify until the last link signed with them has expired')
    .option('--json', 'as JSON')
    .action(rotate)
  keys
    .command('revoke')
    .description(
      'end a key at once, with all links signed with it; if it is the one that signs, a new one does',
    )
    .argument('<kid>', 'its id, as keys list shows it')
    .option('--json', 'as JSON')
    .action(revoke)
  addApiKeys(keys, cli)
}

async function list(_options: CommonOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions>()
  const { links } = await configuredFor(options)
  const { readKeyFile } = await import('../../../ground/links/key-file.ts')
  const { stillVerifies } = await import('../../../ground/links/token-key.ts')
  const now = Date.now()
  show(
    readKeyFile(links.keyFile, now).filter(key => stillVerifies(key, now)),
    options,
  )
}

async function rotate(_options: CommonOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions>()
  const { links } = await configuredFor(options)
  const { rotateKeyFile } = await import('../../../ground/links/key-file.ts')
  const { longestLifetime } = await import('../../../ground/links/urls.ts')
  show(rotateKeyFile(links.keyFile, Date.now(), longestLifetime(links.lifetime)), options)
}

async function revoke(id: string, _options: CommonOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions>()
  const { links } = await configuredFor(options)
  const { readKeyFile, revokeKey } = await import('../../../ground/links/key-file.ts')
  const { longestLifetime } = await import('../../../ground/links/urls.ts')
  const now = Date.now()
  const [signing] = readKeyFile(links.keyFile, now)
  const keys = revokeKey(links.keyFile, id, now, longestLifetime(links.lifetime))
  show(keys, options)
  const [successor] = keys
  if (successor && signing?.id !== successor.id) {
    printNote(`${id} was the key that signs. Now ${successor.id} does, a new one.`)
  }
  printNote(
    keys.length === 1 && successor?.createdAt === now
      ? 'All links in mails already sent are invalid now. Running services follow within seconds.'
      : `Links signed with ${id} are invalid now. Running services follow within seconds.`,
  )
}

/** Reads the configuration, and says if its key file is missing: the command makes a new one. */
async function configuredFor(options: CommonOptions): Promise<Config> {
  const config = await configOf(options)
  const { keyFileVersion } = await import('../../../ground/links/key-file.ts')
  const { keyFile } = config.links
  if (keyFileVersion(keyFile) === undefined) {
    printNote(
      `There was no key file ${keyFile}: a new key is made. If digests have been sent before, restore the file from a backup, or the links in them stay invalid.`,
    )
  }
  return config
}

function show(keys: readonly TokenKey[], options: CommonOptions): void {
  print(options.json ? JSON.stringify(keys.map(jsonOf)) : table(['ID', 'CREATED', 'USE'], keys.map(rowOf)))
}

const jsonOf = (key: TokenKey, index: number) => ({
  id: key.id,
  createdAt: new Date(key.createdAt).toISOString(),
  verifiesUntil: key.verifiesUntil === null ? null : new Date(key.verifiesUntil).toISOString(),
  signs: index === 0,
})

function rowOf({ id, createdAt, verifiesUntil }: TokenKey, index: number): string[] {
  const until = verifiesUntil === null ? 'the next rotation' : localTime(verifiesUntil)
  return [id, localTime(createdAt), index === 0 ? 'signs' : `verifies until ${until}`]
}
