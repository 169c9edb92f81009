"""What an alert says, in Chinese and English: what was noticed, and what to do next."""

from collections.abc import Mapping

from app.kit.bilingual import Text
from app.misuse.rules import Rule

WHAT: Mapping[Rule, Text] = {
    Rule.MANY_RECORDINGS: Text(
        "一人在一小时内打开了 {how_many} 次检查的录音录像。",
        "One person opened recordings of {how_many} visits within an hour.",
    ),
    Rule.MANY_ORIGINALS: Text(
        "一人在一小时内打开了 {how_many} 份原始录音录像。",
        "One person opened {how_many} original recordings within an hour.",
    ),
    Rule.MANY_SHEETS: Text(
        "一人在一小时内导出了 {how_many} 次列表。",
        "One person took out {how_many} lists as sheets within an hour.",
    ),
    Rule.ACCOUNT_GUESSED: Text(
        "一个账号在一刻钟内 {how_many} 次登录失败，已暂停登录。",
        "{how_many} log-ins to one account failed within a quarter of an hour; it was throttled.",
    ),
    Rule.ACCOUNTS_TRIED: Text(
        "同一网络地址在一小时内尝试登录了 {how_many} 个账号，均未成功。",
        "From one address {how_many} accounts were tried in vain within an hour.",
    ),
    Rule.TOKEN_REUSED: Text(
        "同一登录凭证被使用了两次，可能已被盗用；该登录已结束。",
        "A log-in's token was used twice, as a thief would; that log-in was ended.",
    ),
}
_ASK = Text(
    "请向本人核实原因。若无合理解释，请在人员页面停用其账号，所有登录随即结束；水印与播放记录可说明看过什么。",
    "Ask the person what for. Without a good answer switch the account off under People, which ends all log-ins; play ledger and "
    "watermarks tell what was seen.",
)
_SECURE = Text(
    "请询问本人是否忘记密码。若不是，请为其生成新密码链接，并建议启用两步验证。",
    "Ask the person whether they forgot the password. If not, make a link for a new one and have them switch on the second "
    "factor.",
)
NEXT: Mapping[Rule, Text] = {
    Rule.MANY_RECORDINGS: _ASK,
    Rule.MANY_ORIGINALS: _ASK,
    Rule.MANY_SHEETS: Text(
        "请向本人核实原因。若无合理解释，请在人员页面停用其账号，所有登录随即结束；审计记录可说明导出了什么。",
        "Ask the person what for. Without a good answer switch the account off under People, which ends all log-ins; the "
        "audit trail tells what was taken.",
    ),
    Rule.ACCOUNT_GUESSED: _SECURE,
    Rule.ACCOUNTS_TRIED: Text(
        "请在代理服务器的日志中查找该地址并予以封禁；为被尝试的账号启用两步验证。",
        "Find the address in the log of the proxy and shut it out; have the accounts that were tried switch on the second "
        "factor.",
    ),
    Rule.TOKEN_REUSED: Text(
        "请在人员页面结束其所有登录，并请本人更改密码、查看“我的账号”中的设备。",
        "End all log-ins of the person under People, and have them change the password and look at the devices under My "
        "account.",
    ),
}
