"""Where the story plays: the people, what was set up for them, and who writes the account."""

from dataclasses import dataclass

from app.demo.account import Account
from app.demo.network import Network
from app.demo.people import House


@dataclass(frozen=True, slots=True)
class Scene:
    house: House
    network: Network
    account: Account
