import { wordsOf } from '@/text'
import common from '@/text/common.json'
import phone from '@/text/phone.json'

export const t = wordsOf({ ...common, ...phone })
