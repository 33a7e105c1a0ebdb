import type { Command } from 'commander'
import type { TokenKey } from '../../../ground/links/key-file.ts'
import { type Cli, type CommonOptions, configOf, print } from '../context.ts'
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
  addApiKeys(keys, cli)
}

async function list(_options: CommonOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions>()
  const { links } = await configOf(options)
  const { readKeyFile } = await import('../../../ground/links/key-file.ts')
  show(readKeyFile(links.keyFile, Date.now()), options)
}

async function rotate(_options: CommonOptions, command: Command): Promise<void> {
  const options = command.optsWithGlobals<CommonOptions>()
  const { links } = await configOf(options)
  const { rotateKeyFile } = await import('../../../ground/links/key-file.ts')
  const { longestLifetime } = await import('../../../ground/links/urls.ts')
  show(rotateKeyFile(links.keyFile, Date.now(), longestLifetime(links.lifetime)), options)
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
