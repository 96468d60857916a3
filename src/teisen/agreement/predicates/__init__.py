"""The predicates that rules are written in. In YAML each is a mapping with one key, its name:

    all_of:
      - during: {from: 2025-03-18, to: 2025-04-18, zone: Europe/Paris}
      - is_kind: [attack]
      - any_of:
          - target_is: [energy]
          - near: {classes: [energy], distance_m: 1500}
      - bound_party:

A leaf says in which possible worlds it holds (:meth:`Leaf.holds`); a composite puts answers of its parts together
(:meth:`Composite.combine`). A new predicate is a class in the file of what it looks at, its name in ``rule.py``, and a
test.
"""

from teisen.agreement.predicates.actor import BoundParty
from teisen.agreement.predicates.base import Composite, Leaf, Predicate
from teisen.agreement.predicates.condition import Condition, Provided
from teisen.agreement.predicates.line import Lines, NearLine, OnSide
from teisen.agreement.predicates.place import Areas, Near, Sites, Within
from teisen.agreement.predicates.quota import Counted, FewerThan, MoreThan, Quota
from teisen.agreement.predicates.relative import After, Delay, InForce, Lead, Notified, Other
from teisen.agreement.predicates.rule import PREDICATES, AllOf, AnyOf, Rule, Unless, leaves
from teisen.agreement.predicates.thing import IsKind, TargetIs
from teisen.agreement.predicates.time import During
from teisen.agreement.predicates.weapon import Arms, Calibre, WithWeapon

__all__ = [
    "PREDICATES",
    "After",
    "AllOf",
    "AnyOf",
    "Areas",
    "Arms",
    "BoundParty",
    "Calibre",
    "Composite",
    "Condition",
    "Counted",
    "Delay",
    "During",
    "FewerThan",
    "InForce",
    "IsKind",
    "Lead",
    "Leaf",
    "Lines",
    "MoreThan",
    "Near",
    "NearLine",
    "Notified",
    "OnSide",
    "Other",
    "Predicate",
    "Provided",
    "Quota",
    "Rule",
    "Sites",
    "TargetIs",
    "Unless",
    "WithWeapon",
    "Within",
    "leaves",
]
