"""What an inbox and a mail say of each kind, in Chinese and English.

Names of people, places and times do not occur: whoever may know them finds them where the entry leads.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from app.events.kinds import Kind
from app.kit.bilingual import Text

SENTENCES: Mapping[Kind, Text] = {
    Kind.VISIT_PROPOSED: Text("新的检查已拟定。", "A visit was proposed."),
    Kind.VISIT_RESERVED: Text("检查已安排人员。", "A visit has a crew."),
    Kind.VISIT_ACCEPTED: Text("检查已被接受。", "A visit was accepted."),
    Kind.VISIT_ENTERED: Text("检查人员已进店。", "An inspector went in."),
    Kind.VISIT_LEFT: Text("检查人员已离店。", "An inspector left."),
    Kind.VISIT_SUBMITTED: Text("检查已提交。", "A visit was handed in."),
    Kind.VISIT_IN_REVIEW: Text("检查正在审核。", "A visit is in review."),
    Kind.VISIT_APPROVED: Text("检查已通过审核。", "A visit was approved."),
    Kind.VISIT_PUBLISHED: Text("检查结果已发布。", "A visit was published."),
    Kind.VISIT_APPEALED: Text("检查结果被申诉。", "A visit is under appeal."),
    Kind.VISIT_FINAL: Text("检查结果已确定。", "A visit is final."),
    Kind.VISIT_CANCELLED: Text("检查已取消。", "A visit was cancelled."),
    Kind.VISIT_EXPIRED: Text("检查已过期。", "A visit expired: nobody went."),
    Kind.VISIT_DECLINED: Text("检查被拒绝。", "A visit was declined."),
    Kind.VISIT_ABORTED: Text("检查已中止。", "A visit was broken off."),
    Kind.VISIT_VOID: Text("检查已作废。", "A visit is void."),
    Kind.VISIT_CHANGED: Text("检查安排有变动。", "A visit was changed."),
    Kind.VISIT_ASSIGNED: Text("您有新的检查任务。", "A visit was assigned to you."),
    Kind.VISIT_DUE_SOON: Text("您的检查任务即将到期。", "A visit of yours is due soon."),
    Kind.RECORDING_CREATED: Text("录音录像已登记。", "A recording was declared."),
    Kind.RECORDING_UPLOADING: Text("录音录像正在上传。", "A recording is being uploaded."),
    Kind.RECORDING_COMPLETING: Text("录音录像上传即将完成。", "A recording is almost there."),
    Kind.RECORDING_STORED: Text("录音录像已上传。", "A recording has arrived."),
    Kind.RECORDING_VERIFIED: Text("录音录像已核验。", "A recording was verified."),
    Kind.RECORDING_PROCESSED: Text("录音录像已处理。", "A recording was processed."),
    Kind.RECORDING_REJECTED: Text("录音录像无法使用。", "A recording cannot be used."),
    Kind.REVIEW_OPENED: Text("审核已开始。", "A review was begun."),
    Kind.REVIEW_SENT_BACK: Text("检查被退回，请更正。", "A visit was sent back: correct it."),
    Kind.REVIEW_APPROVED: Text("审核已通过。", "A review ended with approval."),
    Kind.REVIEW_DUE_SOON: Text("审核即将到期。", "A review is due soon."),
    Kind.REVIEW_ESCALATED: Text("审核已逾期上报。", "A review is overdue and was escalated."),
    Kind.REVIEW_SECOND_MARKING_WANTED: Text("请进行第二次评分。", "A second marking is wanted."),
    Kind.PUBLICATION_PUBLISHED: Text("新的检查报告已发布。", "A report was published."),
    Kind.PUBLICATION_REVISED: Text("检查报告已修订。", "A report was revised."),
    Kind.COMMENT_MADE: Text("录音录像上有新的评论。", "Somebody commented on a recording."),
    Kind.APPEAL_FILED: Text("收到新的申诉。", "An appeal was filed."),
    Kind.APPEAL_ADMITTED: Text("申诉已受理。", "An appeal was admitted."),
    Kind.APPEAL_RETURNED: Text("申诉被退回。", "An appeal was returned."),
    Kind.APPEAL_DECIDED: Text("申诉已裁定。", "An appeal was decided."),
    Kind.APPEAL_ESCALATED: Text("申诉已逾期上报。", "An appeal is overdue and was escalated."),
    Kind.APPEAL_WITHDRAWN: Text("申诉已撤回。", "An appeal was withdrawn."),
    Kind.ACTION_OPENED: Text("新的整改任务。", "An action was opened."),
    Kind.ACTION_STARTED: Text("整改已开始。", "Work on an action was begun."),
    Kind.ACTION_ASSIGNED: Text("整改任务指定给您。", "An action was given to you."),
    Kind.ACTION_PROOF_ACCEPTED: Text("整改证明获认可。", "Proof of an action was accepted."),
    Kind.ACTION_PROOF_REFUSED: Text("整改证明被退回。", "Proof of an action was refused."),
    Kind.ACTION_PROOF_SUBMITTED: Text("整改证明已提交。", "Proof of an action was handed in."),
    Kind.ACTION_VERIFIED: Text("整改已验证。", "An action was verified."),
    Kind.ACTION_REOPENED: Text("整改被重新打开。", "An action was opened again."),
    Kind.ACTION_OVERDUE: Text("整改已逾期。", "An action is overdue."),
    Kind.ACTION_CANCELLED: Text("整改已取消。", "An action was cancelled."),
    Kind.BULLETIN_READY: Text("周报或月报已生成。", "A bulletin or report is ready."),
    Kind.RETENTION_DELETED: Text("数据已按期限删除。", "Data was deleted as its retention ended."),
    Kind.MISUSE_MANY_RECORDINGS: Text(
        "警报：一人在一小时内打开了异常多的录音录像。",
        "Alert: one person opened recordings of unusually many visits.",
    ),
    Kind.MISUSE_MANY_ORIGINALS: Text(
        "警报：一人在一小时内打开了异常多的原始录音录像。",
        "Alert: one person opened unusually many original recordings.",
    ),
    Kind.MISUSE_MANY_SHEETS: Text(
        "警报：一人在一小时内导出了异常多的列表。",
        "Alert: one person took out unusually many lists.",
    ),
    Kind.MISUSE_ACCOUNT_GUESSED: Text(
        "警报：有人在猜测一个账号的密码。", "Alert: somebody is guessing the password of an account."
    ),
    Kind.MISUSE_ACCOUNTS_TRIED: Text(
        "警报：同一网络地址尝试登录多个账号，均未成功。",
        "Alert: many accounts were tried in vain from one address.",
    ),
    Kind.MISUSE_TOKEN_REUSED: Text(
        "警报：一个登录凭证被使用了两次，可能已被盗用。",
        "Alert: the token of a log-in was used twice, as a thief would.",
    ),
    Kind.WEBHOOK_DISABLED: Text(
        "一个 Webhook 因连续失败被停用。", "A webhook failed for days and was switched off."
    ),
}

# What comes by mail unless the person chose otherwise: what waits for that very person.
MAILED = frozenset(
    {
        Kind.VISIT_ASSIGNED,
        Kind.VISIT_DUE_SOON,
        Kind.REVIEW_SENT_BACK,
        Kind.REVIEW_ESCALATED,
        Kind.REVIEW_SECOND_MARKING_WANTED,
        Kind.PUBLICATION_PUBLISHED,
        Kind.APPEAL_FILED,
        Kind.APPEAL_RETURNED,
        Kind.APPEAL_DECIDED,
        Kind.APPEAL_ESCALATED,
        Kind.ACTION_OPENED,
        Kind.ACTION_ASSIGNED,
        Kind.ACTION_PROOF_REFUSED,
        Kind.ACTION_REOPENED,
        Kind.ACTION_OVERDUE,
        Kind.MISUSE_MANY_RECORDINGS,
        Kind.MISUSE_MANY_ORIGINALS,
        Kind.MISUSE_MANY_SHEETS,
        Kind.MISUSE_ACCOUNT_GUESSED,
        Kind.MISUSE_ACCOUNTS_TRIED,
        Kind.MISUSE_TOKEN_REUSED,
        Kind.WEBHOOK_DISABLED,
    }
)

_DETAILS: Mapping[str, Text] = {
    "alias": Text("报告 {}", "report {}"),
    "item": Text("检查项 {}", "item {}"),
    "due_on": Text("期限 {}", "due {}"),
    "due_at": Text("期限 {}", "due {}"),
    "first_on": Text("自 {} 起", "of the days from {}"),
    "last_on": Text("至 {}", "until {}"),
    "edition": Text("第 {} 版", "edition {}"),
    "how_many": Text("共 {}", "{} in all"),
}


def text_of(kind: Kind, known: Mapping[str, object]) -> Text:
    """The sentence for a kind, with what its reader may know (`app.events.whitelist.told`) in brackets."""
    zh = "，".join(text.zh.format(_legible(name, known)) for name, text in _DETAILS.items() if name in known)
    en = ", ".join(text.en.format(_legible(name, known)) for name, text in _DETAILS.items() if name in known)
    sentence = SENTENCES[kind]
    if not zh:
        return sentence
    return Text(f"{sentence.zh.removesuffix('。')}（{zh}）。", f"{sentence.en.removesuffix('.')} ({en}).")


def _legible(name: str, known: Mapping[str, object]) -> object:
    """An instant to the minute; nobody needs more of it to be in time."""
    if name != "due_at":
        return known[name]
    return f"{datetime.fromisoformat(str(known[name])).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
