"""The caller where only admins may go."""

from typing import Annotated

from fastapi import Depends

from app.identity.actor import Actor, Role
from app.identity.dependencies import Caller


async def an_admin(caller: Caller) -> Actor:
    caller.require(Role.ADMIN)
    return caller


async def a_reader(caller: Caller) -> Actor:
    caller.require(Role.ADMIN, Role.AUDITOR)
    return caller


Admin = Annotated[Actor, Depends(an_admin)]
Reader = Annotated[Actor, Depends(a_reader)]
