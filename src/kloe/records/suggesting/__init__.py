"""Propose a mapping for extracts: which file feeds which table, which column which of ours.

``propose(files)`` looks at some rows of every file and gives a frozen :class:`Proposal`;
``mapping_yaml(proposal)`` writes it as the mapping file a person corrects.
"""

from kloe.records.suggesting.proposing import propose
from kloe.records.suggesting.sniffing import File
from kloe.records.suggesting.values import (
    Alternative,
    LeftOut,
    NotTaken,
    Place,
    Proposal,
    ProposedColumn,
    ProposedSource,
    Wide,
)
from kloe.records.suggesting.writing import mapping_yaml

__all__ = [
    "Alternative",
    "File",
    "LeftOut",
    "NotTaken",
    "Place",
    "Proposal",
    "ProposedColumn",
    "ProposedSource",
    "Wide",
    "mapping_yaml",
    "propose",
]
