import { allIn, type CommandForm, type OptionForm, type ValueForm } from './command-tree.ts'

/** A script that completes the command line in fish 3 and later. */
export function fishCompletion(program: CommandForm): string {
  const commands = allIn(program)
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path))
  const valued = commands.flatMap(({ options }) =>
    options.filter(({ value }) => value).map(({ long }) => long),
  )
  return `# fish completion of amavis-digest, made from its definitions.
function __amavis_digest_at --description 'Whether the command so far is this one'
    set -l path
    set -l isValue no
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if test $isValue = yes
            set isValue no
        else if contains -- $word ${[...new Set(valued)].join(' ')}
            set isValue yes
        else if contains -- "$(string trim "$path $word")" ${paths.join(' ')}
            set path (string trim "$path $word")
        end
    end
    test "$path" = "$argv"
end
complete -c amavis-digest -f
${commands.flatMap(linesOf).join('\n')}
`
}

function linesOf(command: CommandForm): string[] {
  const at = `complete -c amavis-digest -n ${quoted(`__amavis_digest_at ${command.path}`.trimEnd())}`
  return [
    ...command.commands.map(({ name, description }) => `${at} -a ${name} -d ${quoted(description)}`),
    ...command.args.flatMap(argument => argumentLine(at, argument)),
    ...command.options.map(option => `${at} ${optionWords(option)} -d ${quoted(option.description)}`),
  ]
}

function argumentLine(at: string, { isFile, choices }: ValueForm): string[] {
  if (isFile) return [`${at} -F`]
  return choices.length > 0 ? [`${at} -a ${quoted(choices.join(' '))}`] : []
}

function optionWords({ short, long, value }: OptionForm): string {
  const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.slice(2)}`
  if (!value) return names
  if (value.isFile) return `${names} -r -F`
  return `${names} -x${value.choices.length > 0 ? ` -a ${quoted(value.choices.join(' '))}` : ''}`
}

const quoted = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`
