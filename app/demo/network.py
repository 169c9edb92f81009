"""What an admin sets up before the first visit: rules, recording policy, regions, outlets, checklist, duties."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from app.checklists.schemas import VersionOut
from app.demo.account import Account, expect, require
from app.demo.client import Api, path_of
from app.demo.people import House
from app.kit.clock import local_date
from app.kit.ids import new_id
from app.kit.paging import Page
from app.outlets.schemas import ImportOut, OutletOut, RegionIn, RegionOut, TierIn, TierOut
from app.outlets.schemas_duties import GrantIn, GrantOut, OutletDutyOut, RegionDutyOut
from app.programmes.rules import PolicyScope, RecordingMode
from app.programmes.schemas import (
    PoliciesIn,
    PoliciesOut,
    PolicyIn,
    ProgrammeIn,
    ProgrammeOut,
    ProgrammeRules,
    VideoMinutes,
)

TIME_ZONE = "Asia/Shanghai"
HALL = "GZ-0001"
HEADER = "code,name_zh,name_en,ownership,tier,stage,load_band,region,address,latitude,longitude,datum,traffic_per_day"
OUTLETS = (
    "GZ-0001,天河旗舰厅,Tianhe flagship hall,own,flagship,early,high,gd-gz,天河路208号,23.13170,113.32120,gcj02,1200",
    "GZ-0002,越秀营业厅,Yuexiu hall,own,tier-2,improved,high,gd-gz,北京路168号,23.12520,113.26820,gcj02,640",
    "GZ-0003,海珠营业厅,Haizhu hall,own,tier-2,improved,high,gd-gz,江南西路88号,23.09480,113.26990,gcj02,520",
    "GZ-0004,荔湾营业厅,Liwan hall,own,tier-3,early,low,gd-gz,上下九路61号,23.11620,113.24440,gcj02,230",
    "GZ-0005,白云营业厅,Baiyun hall,own,tier-2,early,high,gd-gz,机场路585号,23.16640,113.26340,gcj02,480",
    "GZ-0006,黄埔营业厅,Huangpu hall,own,tier-3,improved,low,gd-gz,大沙地东路31号,23.10490,113.45280,gcj02,190",
    "GZ-0107,番禺合作厅,Panyu agency hall,agency,tier-3,early,low,gd-gz,市桥大北路12号,22.93840,113.36410,gcj02,150",
    "GZ-9001,隔壁运营商厅,The hall next door,competitor,flagship,improved,high,gd-gz,天河路210号,23.13190,113.32180,gcj02,",
)
BAD_ROW = "GZ-0007,坏行,Bad row,own,flagshp,early,high,gd-gz,某路1号,23.1,113.3,gcj02,80"
TIERS = (("flagship", "旗舰厅"), ("tier-2", "二级厅"), ("tier-3", "三级厅"))
GRANT = timedelta(days=30)

BESIDE_THE_SOURCE = Path(__file__).parents[2] / "checklists"
IN_THE_WHEEL = Path(__file__).parents[1] / "_data" / "checklists"


@dataclass(frozen=True, slots=True)
class Network:
    """What visits need."""

    programme_id: UUID
    outlet: OutletOut
    checklist: VersionOut


def set_up(house: House, account: Account, *, now: datetime) -> Network:
    alice = house.alice.api
    region = _regions(alice, account)
    outlet = _outlets(alice, account)
    text = hall_checklist().read_text(encoding="utf-8")
    checklist = alice.send_text("/v1/checklists", VersionOut, text, content_type="application/yaml")
    account.shown(f"checklist {checklist.code} version {checklist.number} published: immutable from now on")
    programme = _programme(alice, checklist.code, account, now=now)
    for person in (house.sam, house.rita):
        alice.put(path_of("region-duties", person.id, region.id), RegionDutyOut)
    alice.put(path_of("outlet-duties", house.mona.id, outlet.id), OutletDutyOut)
    grant = GrantIn(
        person_id=house.otto.id,
        region_id=region.id,
        purpose="Yearly audit of recordings",
        valid_until=now + GRANT,
    )
    alice.post("/v1/auditor-grants", GrantOut, grant)
    account.shown(
        f"sam and rita got the region, mona {outlet.code}, otto a grant for {GRANT.days} days with a purpose"
    )
    return Network(programme.id, outlet, checklist)


def hall_checklist() -> Path:
    folder = BESIDE_THE_SOURCE if BESIDE_THE_SOURCE.is_dir() else IN_THE_WHEEL
    return folder / "telecom" / "hall.yaml"


def _programme(alice: Api, checklist: str, account: Account, *, now: datetime) -> ProgrammeOut:
    rules = ProgrammeRules(
        minimum_video_minutes=VideoMinutes(own=1, agency=1),  # the clips of a demonstration are short
        publication_delay_hours=0,
        double_marking_share=Decimal(0),  # breached norms alone: what is drawn differs each time
    )
    wanted = ProgrammeIn(
        id=new_id(),
        name="Hall inspection",
        starts_on=local_date(now, TIME_ZONE),
        checklist_codes=[checklist],
        rules=rules,
    )
    programme = alice.post("/v1/programmes", ProgrammeOut, wanted)
    policy = PolicyIn(
        jurisdiction="CN",
        scope=PolicyScope.ANY,
        mode=RecordingMode.VIDEO,
        legal_basis="PIPL art. 13(1)(2): internal inspection by contract",
        notice="Staff are told in writing each year that recorded visits take place",
        assessment_ref="PIA-2026-014",
    )
    path = path_of("programmes", programme.id, "recording-policies")
    alice.put(path, PoliciesOut, PoliciesIn(policies=[policy]), version=programme.version)
    account.shown(
        f"programme: {rules.rotation_months} months of rotation, at least 1 minute of video (short for the demo), "
        f"{rules.minimum_photos} photos; recording policy for CN on a stated legal ground"
    )
    return programme


def _regions(alice: Api, account: Account) -> RegionOut:
    for rank, (code, name) in enumerate(TIERS, start=1):
        alice.put(path_of("tiers", code), TierOut, TierIn(name_zh=name, rank=rank))
    province = RegionIn(
        code="gd", name_zh="广东", name_en="Guangdong", jurisdiction="CN-44", time_zone=TIME_ZONE
    )
    above = alice.post("/v1/regions", RegionOut, province)
    city = RegionIn(
        code="gd-gz",
        parent_id=above.id,
        name_zh="广州",
        name_en="Guangzhou",
        central_city=True,
        jurisdiction="CN-44",
        time_zone=TIME_ZONE,
    )
    region = alice.post("/v1/regions", RegionOut, city)
    account.shown(f"regions gd > gd-gz (central city), tiers {', '.join(code for code, _ in TIERS)}")
    return region


def _outlets(alice: Api, account: Account) -> OutletOut:
    spoilt = "\n".join((HEADER, OUTLETS[0], BAD_ROW, *OUTLETS[1:]))
    tried = alice.send_text("/v1/outlets/import", ImportOut, spoilt, content_type="text/csv", dry_run="true")
    expect("the dry run names the bad row as a spreadsheet numbers it", [e.row for e in tried.errors], [3])
    found = tried.errors[0]
    account.shown(
        f"outlets by CSV, dry run: row {found.row}, {found.column}: {found.message}; nothing imported"
    )
    expect("nothing was imported by a dry run", alice.get("/v1/outlets", Page[OutletOut]).items, [])
    made = alice.send_text(
        "/v1/outlets/import", ImportOut, "\n".join((HEADER, *OUTLETS)), content_type="text/csv"
    )
    expect("the import enters every row", (made.created, made.errors), (len(OUTLETS), []))
    outlets = {each.code: each for each in alice.get("/v1/outlets", Page[OutletOut]).items}
    require(HALL in outlets, f"{HALL} is not among the imported outlets")
    account.shown(f"the mended file: {made.created} outlets, own, agency and competitor")
    return outlets[HALL]
