import { wordsOf } from '@/text'
import admin from '@/text/admin.json'
import common from '@/text/common.json'
import supervisor from '@/text/supervisor.json'

export const t = wordsOf({ ...common, ...supervisor, ...admin })
