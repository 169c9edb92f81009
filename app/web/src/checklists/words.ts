import { wordsOf } from '@/text'
import words from '@/text/checklists.json'
import common from '@/text/common.json'

export const t = wordsOf({ ...common, ...words })
