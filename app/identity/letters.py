"""What a person is told by mail of the own account, in Chinese and English."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.identity.actor import Role
from app.kit.bilingual import Text


class Change(StrEnum):
    """The names are kept with waiting jobs: never rename one."""

    PASSWORD = "password"  # noqa: S105 (the name of what changed)
    PASSWORD_LINK = "password-link"  # noqa: S105 (so is this)
    ACCESS = "access"
    INVITATION_USED = "invitation-used"
    NEW_DEVICE = "new-device"
    LOG_INS_ENDED = "log-ins-ended"
    SECOND_FACTOR_ON = "second-factor-on"
    SECOND_FACTOR_OFF = "second-factor-off"
    SECOND_FACTOR_RESET = "second-factor-reset"
    RECOVERY_CODES = "recovery-codes"
    RECOVERY_CODE_USED = "recovery-code-used"


SENTENCES: Mapping[Change, Text] = {
    Change.PASSWORD: Text("您的密码已更改。", "Your password was changed."),
    Change.PASSWORD_LINK: Text(
        "管理员为您的账号生成了设置新密码的链接。",
        "An administrator made a link with which a new password of your account can be set.",
    ),
    Change.ACCESS: Text("您账号的权限已更改。", "What your account may do was changed."),
    Change.INVITATION_USED: Text(
        "已用发给您的邀请开通了账号。", "The invitation for you was used to make an account."
    ),
    Change.NEW_DEVICE: Text(
        "您的账号在一台新设备上登录。", "Your account was logged in to from a device not seen before."
    ),
    Change.LOG_INS_ENDED: Text(
        "管理员结束了您账号的所有登录，请重新登录。",
        "An administrator ended all log-ins of your account: log in again.",
    ),
    Change.SECOND_FACTOR_ON: Text(
        "您的账号已启用两步验证。", "The second factor of your account was switched on."
    ),
    Change.SECOND_FACTOR_OFF: Text(
        "您的账号已关闭两步验证。", "The second factor of your account was switched off."
    ),
    Change.SECOND_FACTOR_RESET: Text(
        "您账号的两步验证已被重置。", "The second factor of your account was reset for you."
    ),
    Change.RECOVERY_CODES: Text(
        "您的账号有了新的恢复码，旧的已作废。",
        "New recovery codes were made for your account; the old ones are void.",
    ),
    Change.RECOVERY_CODE_USED: Text(
        "有人用了您账号的一个恢复码。", "A recovery code of your account was used."
    ),
}
ROLES: Mapping[Role, Text] = {
    Role.ADMIN: Text("管理员", "admin"),
    Role.SUPERVISOR: Text("督导", "supervisor"),
    Role.INSPECTOR: Text("检查人员", "inspector"),
    Role.REVIEWER: Text("审核员", "reviewer"),
    Role.OUTLET_MANAGER: Text("营业厅经理", "outlet manager"),
    Role.AUDITOR: Text("审计员", "auditor"),
}
WHEN = Text("时间：{at}", "When: {at}")
NOW_MAY = Text("现有角色：{roles}", "Roles now: {roles}")
SWITCHED_OFF = Text("账号已停用，不能登录。", "The account is switched off: nobody can log in to it.")
DEVICE = Text("设备：{name}", "Device: {name}")
UNNAMED = Text("一个没有说明设备的程序", "a program that names no device")
FOOT = Text(
    "如果不是您本人的操作，也不是您预期的变更，请立即在 {address}/account 更改密码，并告知管理员。这类邮件不能关闭。",
    "If this was neither you nor expected, change your password at {address}/account at once and tell your "
    "administrator. These mails cannot be switched off.",
)


class Told(BaseModel):
    """A change and what there is to say of it, as it waits with the job: ids, no personal data."""

    model_config = ConfigDict(frozen=True)

    change: Change
    at: datetime
    device_id: UUID | None = None
    roles: tuple[Role, ...] = ()
    active: bool = True


def subject_of(told: Told, language: str) -> str:
    return SENTENCES[told.change].in_language(language)


def text_of(told: Told, language: str, *, device: str | None, address: str) -> str:
    """The whole letter; `device` is the name of the one told of."""

    def say(text: Text, **values: str) -> str:
        return text.in_language(language).format_map(values)

    facts = [say(WHEN, at=f"{told.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")]
    if told.change is Change.NEW_DEVICE:
        facts.append(say(DEVICE, name=device or say(UNNAMED)))
    if told.roles:
        named = [ROLES[role].in_language(language) for role in told.roles]
        facts.append(say(NOW_MAY, roles=say(Text("、", ", ")).join(named)))
    if not told.active:
        facts.append(say(SWITCHED_OFF))
    return "\n".join([subject_of(told, language), "", *facts, "", say(FOOT, address=address), ""])
