import { wordsOf } from '@/text'
import account from '@/text/account.json'
import common from '@/text/common.json'

export const t = wordsOf({ ...common, ...account })
