import { expect, test } from 'vitest'
import { addCommands } from '../../../src/commands.ts'
import { allIn, treeOf } from '../../../src/doors/cli/completion/command-tree.ts'
import { examplesOf } from '../../../src/doors/cli/examples.ts'
import { newProgram } from '../../../src/doors/cli/program.ts'

async function wholeProgram() {
  const program = newProgram('1.2.3')
  const unused = () => Promise.reject(new Error('not called'))
  await addCommands(program, { createApp: unused, runDemo: unused })
  return program
}

test('every command has two examples, with options that it has', async () => {
  const program = await wholeProgram()
  for (const form of allIn(treeOf(program))) {
    const command = form.path
      .split(' ')
      .filter(Boolean)
      .reduce((parent, name) => parent.commands.find(sub => sub.name() === name) ?? parent, program)
    const examples = examplesOf(command)
    expect({ path: form.path, examples: examples.length }).toEqual({ path: form.path, examples: 2 })
    if (form.commands.length > 0) continue
    for (const [line] of examples) {
      expect(line).toContain(form.path)
      const options = line.match(/ --[\w-]+/g) ?? []
      expect(form.options.map(({ long }) => long)).toEqual(
        expect.arrayContaining(options.map(option => option.trim())),
      )
    }
  }
})

test('the help of every command has its examples, marks what is required, and fits 80 columns', async () => {
  const program = await wholeProgram()
  const pending = [program]
  for (let command = pending.pop(); command; command = pending.pop()) {
    pending.push(...command.commands)
    let text = ''
    const writeOut = (part: string) => {
      text += part
    }
    command.configureOutput({ writeOut, getOutHelpWidth: () => 80 })
    command.outputHelp()
    expect(text).toMatch(/\nExamples:\n {2}# .*\n {2}amavis-digest .*\n {2}# .*\n {2}amavis-digest .*\n$/)
    expect(text.split('\n').filter(line => line.length > 80)).toEqual([])
    for (const option of command.options.filter(({ mandatory }) => mandatory)) {
      const shown = text.slice(text.indexOf(option.flags)).replaceAll(/\s+/g, ' ')
      expect(shown).toMatch(/^[^)]*\(required\)/)
    }
  }
})
