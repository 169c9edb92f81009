"""What is asked of an export."""

from pydantic import ConfigDict, Field

from app.exports.listing import Listing
from app.kit.sheets import SheetFormat
from app.kit.wire import In


class ExportRequest(In):
    """Whatever else is in the query narrows the list as it does there."""

    model_config = ConfigDict(extra="allow", frozen=True)

    listing: Listing
    format: SheetFormat = Field(
        SheetFormat.CSV, description="CSV is UTF-8 with its mark, as spreadsheets read it"
    )
