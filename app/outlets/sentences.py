"""What can be wrong in a sheet of outlets or of past visits, and in an outlet itself."""

from app.kit.sentences import Sentences


class Says(Sentences):
    UNKNOWN_COLUMN = "is not a column here: {columns}"
    CODE_NEEDED = "is needed to know which outlet a row is about"
    POSITION_TOGETHER = "latitude, longitude and datum go together"
    TOO_MANY_CELLS = "has more cells than row 1 has columns"
    CODE_TWICE = "row {row} has this code already"
    SUCCEEDED = "has a successor, so it cannot be active"
    UNKNOWN_REGION = "{value!r} is not the code of one of your regions"
    UNKNOWN_TIER = "{value!r} is not one of your tiers"
    UNKNOWN_INSPECTOR = "{value!r} is not the e-mail of one of your inspectors"
    UNKNOWN_OUTLET = "{value!r} is not the code of one of your outlets"
    NO_NUMBER = "{value!r} is not a number"
    NO_WHOLE_NUMBER = "{value!r} is not a whole number"
    NEITHER_YES_NOR_NO = "{value!r} is neither yes nor no"
    NO_DATE = "{value!r} is not a date such as 2026-02-17"
    BEFORE_YEAR = "{value} is before {year}"
    NOT_OVER_YET = "{value} is not over yet at the outlet: plan it instead"
    OTHERWISE_IN_ROW = "row {row} says otherwise of the same visit"
    NO_CLOSURE = "{value!r} is not like '2026-10-01/2026-10-07 National Day'"
    CLOSURES_TWICE = "each at most once, and at most {most}"
    ENDS_BEFORE = "ends_on must not be before starts_on"
    NO_TIME_ZONE = "is not a time zone of the IANA database, such as Asia/Shanghai"
    NAME_NEEDED = "name_zh or name_en is needed"
    ONLY_IN_CHINA = "{datum} is used in China only: is it the datum, or are the two swapped?"
    NEVER_OPEN = "an outlet that never opens is inactive; null means that its hours are not known"
    NO_TIME = "{value!r} is not a time of day such as 09:30"
    NO_HOURS = "{value!r} is not like 'mon-fri 09:00-12:00,13:30-18:00'"
    NO_INTERVAL = "{value!r} is not like '09:00-18:00'"
    INTERVAL_BACKWARDS = (
        "{value} does not end after it begins, on the same day: write hours past midnight as two intervals"
    )
    INTERVALS_OVERLAP = "{before} and {after} overlap"
    TOO_MANY_INTERVALS = "more than {most} intervals on one day"
    NO_DAYS = "{first}-{last} are not days of one week, mon to sun"
