import { Option } from 'commander'

export const partitionOption = (): Option =>
  new Option('--partition-tag <number>', 'which one, if two messages have this mail id')
