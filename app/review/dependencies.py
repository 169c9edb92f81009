"""What the routes of publication need of the process."""

from typing import Annotated

from fastapi import Depends

from app.identity.dependencies import TheDatabase
from app.kit.routing import TheStorage
from app.review.publishing import Press


async def the_press(database: TheDatabase, storage: TheStorage) -> Press:
    return Press(database, storage)


ThePress = Annotated[Press, Depends(the_press)]
