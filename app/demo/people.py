"""The cast, and how its members come to accounts: founded, invited, accepted."""

import json
from dataclasses import dataclass
from uuid import UUID

import httpx2

from app.demo.client import Api, Witness
from app.demo.server import Surroundings
from app.identity.actor import Role
from app.identity.schemas import AcceptIn, DeviceIn, InvitationIn, InvitationMadeOut, LoginIn, TokensOut
from app.kit.ids import new_id

ORGANISATION = "Northwind Telecom 北风电信"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the story."""

    key: str
    name: str
    role: Role

    @property
    def email(self) -> str:
        return f"{self.key}@northwind.example"

    @property
    def password(self) -> str:
        """Known to everybody who can read: for demo data only."""
        return f"{self.key}-walks-in"

    def credentials(self, organisation: str) -> LoginIn:
        return LoginIn(organisation=organisation, email=self.email, password=self.password)


ALICE = Member("alice", "Alice Wang 王爱丽", Role.ADMIN)
SAM = Member("sam", "Sam Sun 孙山", Role.SUPERVISOR)
IVY = Member("ivy", "Li Xiaolong 李小珑", Role.INSPECTOR)
IAN = Member("ian", "Ian Qian 钱一安", Role.INSPECTOR)
NINA = Member("nina", "Nina He 何妮娜", Role.INSPECTOR)
BEN = Member("ben", "Ben Guo 郭本", Role.INSPECTOR)
RITA = Member("rita", "Rita Zhou 周丽塔", Role.REVIEWER)
MONA = Member("mona", "Mona Wu 吴梦娜", Role.OUTLET_MANAGER)
OTTO = Member("otto", "Otto Zheng 郑奥拓", Role.AUDITOR)
CAST = (ALICE, SAM, IVY, IAN, NINA, BEN, RITA, MONA, OTTO)


@dataclass(frozen=True, slots=True)
class Person:
    """A member with an account, logged in."""

    member: Member
    id: UUID
    api: Api


@dataclass(frozen=True, slots=True)
class Phone:
    """A device that carries an id of its own from the day it was set up."""

    id: UUID
    name: str

    def as_device(self) -> DeviceIn:
        return DeviceIn(id=self.id, name=self.name, platform="android")


@dataclass(frozen=True, slots=True)
class House:
    """The organisation's people. `witness` heard everything that the outlet manager was given."""

    http: httpx2.Client
    organisation: str
    alice: Person
    sam: Person
    ivy: Person
    ian: Person
    nina: Person
    ben: Person
    rita: Person
    mona: Person
    otto: Person
    phone: Phone
    witness: Witness

    @property
    def inspectors(self) -> tuple[Person, ...]:
        return (self.ivy, self.ian, self.nina, self.ben)

    def log_in(self, member: Member, *, phone: Phone | None = None, witness: Witness | None = None) -> Api:
        """From nothing but what the person remembers."""
        credentials = member.credentials(self.organisation)
        if phone is not None:
            credentials = credentials.model_copy(update={"device": phone.as_device()})
        tokens = Api(self.http).log_in(credentials)
        return Api(self.http, tokens.access_token, witness=witness)


def found(surroundings: Surroundings, slug: str) -> str:
    """A new organisation by the command line. Gives the token that invites its first admin."""
    printed = surroundings.run(
        [
            "organisation",
            "create",
            slug,
            ORGANISATION,
            "--admin-email",
            ALICE.email,
            "--admin-name",
            ALICE.name,
        ]
    )
    token: str = json.loads(printed)["invitation_token"]
    return token


def move_in(http: httpx2.Client, slug: str, first_token: str) -> House:
    """Alice accepts her invitation and invites everybody else, who accept theirs."""
    phone = Phone(new_id(), "Li Xiaolong's Mate XT")
    witness = Witness()
    alice = _accept(http, ALICE, first_token)
    others = {
        member.key: _accept(
            http,
            member,
            _invite(alice.api, member),
            device=phone.as_device() if member is IVY else None,
            witness=witness if member is MONA else None,
        )
        for member in CAST
        if member is not ALICE
    }
    return House(http=http, organisation=slug, alice=alice, phone=phone, witness=witness, **others)


def _invite(alice: Api, member: Member) -> str:
    wanted = InvitationIn(email=member.email, name=member.name, roles=[member.role])
    return alice.post("/v1/invitations", InvitationMadeOut, wanted).token


def _accept(
    http: httpx2.Client,
    member: Member,
    token: str,
    *,
    device: DeviceIn | None = None,
    witness: Witness | None = None,
) -> Person:
    body = AcceptIn(token=token, password=member.password, language="en", device=device)
    tokens = Api(http).post("/v1/invitations/accept", TokensOut, body)
    api = Api(http, tokens.access_token, witness=witness)
    return Person(member, api.me().id, api)
