"""The scoring engine: weighted checklists, one-vote veto, explanation (D3, D4).

Pure arithmetic on its own value objects, exact throughout, standard library only. It knows no checklist
documents, no visits and no database: `app.visits.marking` turns a document and answers into its input.
"""

from app.scoring.decimals import exact as exact
from app.scoring.decimals import kept as kept
from app.scoring.decimals import shown as shown
from app.scoring.difference import ItemChange as ItemChange
from app.scoring.difference import ScoreDifference as ScoreDifference
from app.scoring.difference import difference as difference
from app.scoring.engine import ENGINE_VERSION as ENGINE_VERSION
from app.scoring.engine import fired_vetoes as fired_vetoes
from app.scoring.engine import score as score
from app.scoring.result import DimensionScore as DimensionScore
from app.scoring.result import FiredVeto as FiredVeto
from app.scoring.result import IndicatorScore as IndicatorScore
from app.scoring.result import ItemScore as ItemScore
from app.scoring.result import Json as Json
from app.scoring.result import Result as Result
from app.scoring.result import Status as Status
from app.scoring.scheme import Answer as Answer
from app.scoring.scheme import Dimension as Dimension
from app.scoring.scheme import Indicator as Indicator
from app.scoring.scheme import Item as Item
from app.scoring.scheme import Mode as Mode
from app.scoring.scheme import NotApplicable as NotApplicable
from app.scoring.scheme import Scheme as Scheme
from app.scoring.scheme import State as State
from app.scoring.scheme import Veto as Veto
from app.scoring.scheme import VetoScope as VetoScope
