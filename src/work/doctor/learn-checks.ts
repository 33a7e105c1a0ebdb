import { type Check, fail, ok } from '../../ground/health/check.ts'
import type { FilterTeacher } from '../../ground/learning/filter-teacher.ts'

/** Whether the filter can be told what was spam. @param teacher undefined: nobody learns */
export const learnChecks = (teacher: () => FilterTeacher | undefined): readonly Check[] => [
  {
    id: 'learn.works',
    isSlow: true,
    async run() {
      const who = teacher()
      if (!who) return []
      const fault = await who.probe()
      return [
        fault ? fail(fault.message, fault.fix, 'LEARN_FAILED') : ok('the filter can be told what was spam'),
      ]
    },
  },
]
