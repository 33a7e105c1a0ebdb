import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputOptions, type Plugin, type RolldownOutput, rolldown } from 'rolldown'
import { licenceTexts } from './licence-texts.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Writes the program, together with the packages that it uses, into a few files. Started from its 2,000 files, `serve`
 * costs 1.3 s of CPU and 205 MB; started from these, 0.7 s and 164 MB. Comments and white space are left out: Node
 * keeps the text of all that it has loaded. Names stay, so that a stack says where it happened.
 *
 * @param more programs beside it, by the names of their files: they share its parts
 */
export async function bundleProgram(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const input = { ...PROCESSES, ...more }
  await using program = await rolldown({
    cwd: ROOT,
    platform: 'node',
    external: UNBUNDLED,
    plugins: [tablesBeside],
    input,
  })
  const ours = await program.write({
    ...SMALL,
    dir: folder,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [SHARED] },
  })
  await using packages = await rolldown({ cwd: ROOT, platform: 'node', input: PACKAGES })
  const theirs = await packages.write({
    ...SMALL,
    dir: folder,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: 'package-[name].cjs',
  })
  writeFileSync(join(folder, 'LICENSES.txt'), licenceTexts([...modulesOf(ours), ...modulesOf(theirs)]))
}

const SMALL: OutputOptions = {
  charset: 'ascii',
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
}

/** The compiler of templates is a separate program beside the main one, and so are threads. */
const PROCESSES = {
  cli: 'src/cli.ts',
  'mjml-process': 'src/ground/templates/mjml-process.ts',
  'message-worker': 'src/ground/message/message-worker.ts',
  'hash-worker': 'src/ground/sign-in/password-hash/hash-worker.ts',
}

/**
 * In one file what many parts import: in a hundred small files, a command spends a tenth of its time finding them. What
 * few parts import is not worth loading for all commands.
 */
const SHARED = { name: 'shared', minShareCount: 6 }

/**
 * Packages that `onFirstUse` loads by their names. As they come, with comments, white space and maps of their source in
 * base64, they would take 2 MB more of the memory of a service. Left as they are: those that few services need, and
 * mysql2, where it gave nothing.
 */
const PACKAGES = Object.fromEntries(
  [
    'handlebars',
    'nodemailer/lib/mime-funcs',
    'nodemailer/lib/mime-node',
    'nodemailer/lib/smtp-connection',
    'tldts',
  ].map(name => [`package-${name.replaceAll('/', '-')}`, createRequire(import.meta.url).resolve(name)]),
)

/** Packages that read their own files. */
const UNBUNDLED = [/^mjml/, /^pino/, /^bullmq/]

/**
 * Puts the tables of East Asian character sets beside the program, where iconv-lite reads one when a mail needs it. In
 * the program, which express makes load iconv-lite, their text would take 0.5 MB.
 */
const tablesBeside: Plugin = {
  name: 'tables-beside',
  resolveId(file, importer = '') {
    if (!/^\.\/tables\/.*\.json$/.test(file)) return null
    const fileName = basename(file)
    this.emitFile({ type: 'asset', fileName, source: readFileSync(join(dirname(importer), file)) })
    return { id: `./${fileName}`, external: true }
  },
}

const modulesOf = ({ output }: RolldownOutput): string[] =>
  output.flatMap(file => (file.type === 'chunk' ? file.moduleIds : []))
