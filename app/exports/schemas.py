"""What is asked of an export."""

from pydantic import Field

from app.kit.sheets import SheetFormat
from app.kit.wire import In


class ExportRequest(In):
    format: SheetFormat = Field(
        SheetFormat.CSV, description="CSV is UTF-8 with its mark, as spreadsheets read it"
    )
