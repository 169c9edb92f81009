"""The shipped checklists, and a small one in YAML that a test can bend."""

from functools import cache
from pathlib import Path

from app.checklists.document import Document
from app.checklists.reading import from_yaml, read

FOLDER = Path(__file__).parents[2] / "checklists"
SHIPPED = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.yaml"))

SMALL = """\
id: small-shop
version: 1
title:
  zh: "小店"
  en: "Small shop"
trade: retail
purposes:
  - code: enquiry
    title: {zh: "咨询", en: "Enquiry"}
    transaction: false
  - code: purchase
    title: {zh: "购买", en: "Purchase"}
    transaction: true
profiles:
  - code: any
    indicators: {welcome: 60, counter: 40}
dimensions:
  - code: service
    title: {zh: "服务", en: "Service"}
    indicators:
      - code: welcome
        title: {zh: "迎宾", en: "Welcome"}
        items:
          - code: greeted
            type: yes_no
            text: {zh: "是否问好？", en: "Greeted?"}
            weight: 10
          - code: smile
            type: rating
            text: {zh: "微笑", en: "Smile"}
            weight: 20
          - code: uniform
            type: yes_no
            text: {zh: "工装", en: "Uniform?"}
            weight: 30
            not_applicable: not_allowed
            veto: {scope: indicator}
      - code: counter
        title: {zh: "柜台", en: "Counter"}
        items:
          - code: minutes
            type: number
            text: {zh: "等候分钟", en: "Minutes waited"}
            weight: 20
            unit: {zh: "分钟", en: "min"}
            bands:
              - {up_to: 5, fraction: 1}
              - {up_to: 10, fraction: 0.6}
            otherwise: 0
            maximum: 240
          - code: advice
            type: choice
            text: {zh: "建议", en: "Advice"}
            weight: 10
            options:
              - {code: good, text: {zh: "好", en: "Good"}, fraction: 1}
              - {code: poor, text: {zh: "差", en: "Poor"}, fraction: 0}
          - code: advice-repaired
            type: yes_no
            text: {zh: "补救", en: "Put right?"}
            weight: 5
            required_if: {item: advice, any_of: [poor]}
          - code: till-errors
            type: deductions
            text: {zh: "差错", en: "Errors at the till"}
            weight: 5
            each: 0.5
            purposes: [purchase]
          - code: extra
            type: yes_no
            text: {zh: "加分", en: "Bonus"}
            weight: 2
            bonus: true
            required: false
"""


def bent(old: str, new: str) -> bytes:
    """The small checklist with one passage replaced; the passage must be there."""
    assert SMALL.count(old) >= 1, old
    return SMALL.replace(old, new, 1).encode()


@cache
def small() -> Document:
    return from_yaml(SMALL.encode())


@cache
def shipped(name: str) -> Document:
    return read(FOLDER / name)
