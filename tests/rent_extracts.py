"""Extracts of rent accounts: their rows, and the source of a mapping that reads them."""

from __future__ import annotations

HEADER = "transaction_ref,account_ref,posted_on,amount,kind,description"
TRANSACTIONS = """
  - files: {files}
    table: rent_transaction
    columns:
      transaction_ref: transaction_ref
      account_ref: account_ref
      posted_on: {{from: posted_on, dates: "%d/%m/%Y"}}
      amount: amount
      kind: {{from: kind, codes: {{RNT: charge, PAY: payment, ADJ: adjustment}}}}
      description: description
"""


def row(n: int, **other: str) -> str:
    """A row of a ledger, in order and clean but for what is given."""
    cells = {
        "ref": f"T{n}", "account": f"A{n % 7}", "day": f"{n % 28 + 1:02d}/04/2025",
        "amount": f"{n}.50", "kind": ("RNT", "PAY", "ADJ")[n % 3], "words": f"Week {n}",
    }  # fmt: skip
    return ",".join({**cells, **other}.values())


def ledger(count: int, *, start: int = 1, **other: str) -> str:
    """An extract of so many rows, clean but for what is given."""
    return "\n".join([HEADER, *(row(n, **other) for n in range(start, start + count))]) + "\n"
