"""The questions of rents.sql in pandas, as somebody who knows pandas would ask them.

Money is held in whole pence, so that sums are exact; codes are categories; only the columns
needed are read. All of these make pandas faster than it is out of the box.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from kloe.records.store import RecordSet

Rows = dict[str, tuple[Any, Any, Any]]
KEY = ["landlord", "account_ref"]
LOW = ("direct_debit", "standing_order", "online")
CHANNELS = {
    "direct_debit": "bank",
    "standing_order": "bank",
    "cash": "office",
    "cheque": "office",
    "online": "online",
    "card": "card",
    "shop": "shop",
}


class Frames:
    """The tables as frames, and what is made of them for several questions."""

    def __init__(self, folder: Path, start: date, end: date) -> None:
        self.records = RecordSet.open(folder)
        self.start, self.end = pd.Timestamp(start), pd.Timestamp(end)
        self._columns: dict[tuple[str, str], pd.Series[Any]] = {}

    def read(self, table: str, columns: list[str]) -> pd.DataFrame:
        """Some columns of a table: days as timestamps, money as pence, words as categories."""
        new = [name for name in columns if (table, name) not in self._columns]
        if new:
            paths = [str(p) for p in self.records.paths(table)]
            frame = ds.dataset(paths, format="parquet").to_table(columns=new)
            for n, field in enumerate(frame.schema):
                column = frame.column(n)
                if pa.types.is_decimal(field.type):
                    wide = pc.multiply(column.cast(pa.decimal128(18, 2)), pa.scalar(Decimal(100)))
                    frame = frame.set_column(n, field.name, wide.cast(pa.int64()))
                elif pa.types.is_date(field.type):
                    frame = frame.set_column(n, field.name, column.cast(pa.timestamp("s")))
            words = [
                f.name
                for f in frame.schema
                if pa.types.is_string(f.type) and not f.name.endswith("_ref")
            ]
            for name, series in frame.to_pandas(categories=words).items():
                self._columns[table, str(name)] = series
        return pd.DataFrame({name: self._columns[table, name] for name in columns})

    def postings(self, *columns: str) -> pd.DataFrame:
        """All postings."""
        return self.read("rent_transaction", [*KEY, "posted_on", "amount", "kind", *columns])

    @cached_property
    def rent(self) -> pd.DataFrame:
        """Postings of rent debts to the last day."""
        t = self.postings("debt_type")
        own = t.debt_type.isin(["rent", "service_charge"]) | t.debt_type.isna()
        return t.loc[own & (t.posted_on <= self.end), [*KEY, "posted_on", "amount", "kind"]]

    def year(self, *columns: str) -> pd.DataFrame:
        """Postings of the period."""
        t = self.postings(*columns)
        return t[(t.posted_on >= self.start) & (t.posted_on <= self.end)]

    @cached_property
    def owed(self) -> pd.DataFrame:
        """Balance and rent due in twelve months, by account."""
        t = self.rent
        balance = t.groupby(KEY, observed=True).amount.sum().rename("owed")
        recent = t[(t.kind == "charge") & (t.posted_on > self.end - pd.DateOffset(months=12))]
        due = recent.groupby(KEY, observed=True).amount.sum().rename("due")
        return pd.concat([balance, due], axis=1).fillna({"due": 0}).reset_index()

    @cached_property
    def accounts(self) -> pd.DataFrame:
        accounts = self.read("rent_account", [*KEY, "tenancy_ref", "account_type", "arrears_cause"])
        tenancies = self.read("tenancy", ["landlord", "tenancy_ref", "start_on", "end_on"])
        joined = accounts.merge(tenancies, on=["landlord", "tenancy_ref"], how="left")
        return joined[joined.account_type.isin(["rent", "former"])]

    @cached_property
    def debts(self) -> pd.DataFrame:
        return self.owed.merge(self.accounts, on=KEY)

    def current(self, frame: pd.DataFrame, day: pd.Timestamp) -> pd.Series[bool]:
        """Accounts of tenancies that had not ended before a day."""
        lasting = (frame.account_type == "rent") & frame.end_on.isna()
        return lasting | (frame.end_on >= day)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Accounts of current tenancies with their balance."""
        a = self.accounts
        a = a[(a.start_on <= self.end) & self.current(a, self.end)]
        return a.merge(self.owed, on=KEY, how="left")

    @cached_property
    def arrears(self) -> pd.DataFrame:
        """Current accounts in arrears."""
        d = self.debts
        return d[(d.owed > 0) & self.current(d, self.end)]

    @cached_property
    def payments(self) -> pd.DataFrame:
        """Payments of the period."""
        t = self.year("method")
        return t[(t.kind == "payment") & (t.amount < 0)]


def told(
    frame: pd.DataFrame, numerator: str, denominator: str, counted: str = "", pence: bool = False
) -> Rows:
    """Sums by landlord; n counts the rows whose column ``counted`` is not nought, or all."""
    unit = Decimal(100) if pence else Decimal(1)
    by = frame.groupby("landlord", observed=True)
    sums = by[[numerator, denominator]].sum()
    n = (frame[frame[counted] != 0] if counted else frame).groupby("landlord", observed=True).size()
    return {
        str(k): (
            Decimal(int(sums.at[k, numerator])) / unit,
            Decimal(int(sums.at[k, denominator])) / unit,
            int(n.get(k, 0)),
        )
        for k in sums.index
    }


def payment_methods(f: Frames) -> Rows:
    p = f.payments[["landlord", "method"]].drop_duplicates()
    p = p.assign(channel=p.method.astype(object).map(CHANNELS)).dropna(subset=["channel"])
    n = p.drop_duplicates(["landlord", "channel"]).groupby("landlord", observed=True).size()
    return {str(k): (int(v), 0, int(v)) for k, v in n.items()}


def collection_rate(f: Frames) -> Rows:
    t = f.rent[f.rent.posted_on >= f.start]
    t = t[t.kind.isin(["charge", "payment", "hb", "uc_apa", "refund"])]
    charge = t.kind == "charge"
    t = t.assign(due=t.amount.where(charge, 0), paid=(-t.amount).where(~charge, 0))
    sums = t.groupby(KEY, observed=True)[["due", "paid"]].sum().reset_index()
    joined = sums.merge(f.accounts, on=KEY)
    return told(joined[f.current(joined, f.start)], "paid", "due", "due", pence=True)


def current_tenant_arrears(f: Frames) -> Rows:
    d = f.debts
    owing = (d.owed > 0) & f.current(d, f.end)
    return told(d.assign(debt=d.owed.where(owing, 0)), "debt", "due", "due", pence=True)


def former_tenant_arrears(f: Frames) -> Rows:
    d = f.debts
    gone = ((d.account_type == "former") & d.end_on.isna()) | (d.end_on < f.end)
    owing = d.owed.where((d.owed > 0) & gone, 0)
    return told(d.assign(debt=owing), "debt", "due", "due", pence=True)


def arrears_cause_known(f: Frames) -> Rows:
    a = f.arrears
    known = a.owed.where(a.arrears_cause.notna(), 0)
    return told(a.assign(known=known), "known", "owed", pence=True)


def arrears_awaiting_benefit(f: Frames) -> Rows:
    claims = f.read("benefit_claim", [*KEY, "claimed_on", "decided_on"])
    open_then = claims.decided_on.isna() | (claims.decided_on > f.end)
    waiting = claims[(claims.claimed_on <= f.end) & open_then][KEY].drop_duplicates()
    a = f.arrears.merge(waiting.assign(waits=True), on=KEY, how="left")
    return told(a.assign(part=a.owed.where(a.waits.notna(), 0)), "part", "owed", pence=True)


def accounts_clear(f: Frames) -> Rows:
    s = f.standing
    clear = (s.owed.isna() | (s.owed <= 0)).astype(int)
    return told(s.assign(clear=clear, one=1), "clear", "one")


def arrears_gap(f: Frames) -> Rows:
    key = ["landlord", "tenancy_ref"]
    m = f.read("tenancy_member", [*key, "person_ref", "role", "from_on", "to_on"])
    m = m[
        (m.role == "lead")
        & (m.from_on.isna() | (m.from_on <= f.end))
        & (m.to_on.isna() | (m.to_on >= f.end))
    ]
    leads = m.groupby(key, observed=True).person_ref.min().reset_index()
    people = f.read("person", ["landlord", "person_ref", "ethnicity", "disability", "birth_year"])
    s = f.standing.merge(leads, on=key).merge(people, on=["landlord", "person_ref"])
    said = sum(
        (s[c].notna() & (s[c] != "not_said")).astype(int) for c in ("ethnicity", "disability")
    ) + s.birth_year.notna().astype(int)
    owes = (s.owed.fillna(0) > 0).astype(int) * said
    made = told(s.assign(owes=owes, said=said), "owes", "said")
    return {k: (a, b, b) for k, (a, b, _) in made.items()}


def former_tenant_arrears_collected(f: Frames) -> Rows:
    a = f.accounts
    gone = (a.end_on < f.end) | (a.end_on.isna() & (a.account_type == "former"))
    a = a[gone]
    before = f.start - pd.Timedelta(days=1)
    a = a.assign(cut=a.end_on.fillna(before).clip(lower=before))
    t = f.rent.merge(a[[*KEY, "cut"]], on=KEY)
    old = t.posted_on <= t.cut
    paid = ~old & t.kind.isin(["payment", "hb", "uc_apa", "refund"])
    t = t.assign(debt=t.amount.where(old, 0), paid=(-t.amount).where(paid, 0))
    sums = t.groupby(KEY, observed=True)[["debt", "paid"]].sum().reset_index()
    return told(sums[sums.debt > 0], "paid", "debt", pence=True)


def costs_and_recharges_recovered(f: Frames) -> Rows:
    t = f.year("debt_type")
    t = t[t.debt_type.isin(["court_cost", "recharge_repair"])]
    t = t[t.kind.isin(["charge", "payment", "hb", "uc_apa", "refund"])]
    charge = t.kind == "charge"
    t = t.assign(raised=t.amount.where(charge, 0), paid=(-t.amount).where(~charge, 0))
    sums = t.groupby(KEY, observed=True)[["raised", "paid"]].sum().reset_index()
    return told(sums, "paid", "raised", "raised", pence=True)


def write_offs_approved(f: Frames) -> Rows:
    t = f.year("reason", "approved_by")
    t = t[t.kind == "write_off"]
    t = t.assign(good=(t.reason.notna() & t.approved_by.notna()).astype(int), one=1)
    kinds = t.groupby([*KEY, "good"], observed=True).one.sum().reset_index()
    return told(kinds.assign(good=kinds.good * kinds.one), "good", "one")


def debts_kept_apart(f: Frames) -> Rows:
    t = f.year("debt_type", "description")
    t = t[(t.kind == "charge") & (t.amount > 0)]
    own = t.debt_type.isin(["court_cost", "recharge_repair"])
    says = t.description.astype(object).str.contains("court cost|court fee|recharg", case=False)
    t = t.assign(own=own, one=1)[own | (says == True)]  # noqa: E712 - empty ones are neither
    kinds = t.groupby([*KEY, "own"], observed=True).one.sum().reset_index()
    accounts = f.read("rent_account", [*KEY, "account_type"])
    kinds = kinds.merge(accounts, on=KEY)
    apart = kinds.own | kinds.account_type.isin(["court_cost", "recharge"])
    return told(kinds.assign(apart=kinds.one.where(apart, 0)), "apart", "one")


def statements_reconcile(f: Frames) -> Rows:
    columns = ["statement_ref", "issued_on", "from_on", "to_on", "opening", "closing"]
    s = f.read("rent_statement", [*KEY, *columns])
    s = s[(s.issued_on >= f.start) & (s.issued_on <= f.end)]
    s = s.dropna(subset=["from_on", "to_on", "opening", "closing"])
    t = f.postings()
    t = t.loc[(t.posted_on >= s.from_on.min()) & (t.posted_on <= s.to_on.max())]
    pairs = s.merge(t[[*KEY, "posted_on", "amount"]], on=KEY)
    pairs = pairs[(pairs.posted_on >= pairs.from_on) & (pairs.posted_on <= pairs.to_on)]
    key = ["landlord", "statement_ref"]
    moved = pairs.groupby(key, observed=True).amount.sum().rename("moved").reset_index()
    s = s.merge(moved, on=key, how="left").fillna({"moved": 0})
    right = (s.opening + s.moved == s.closing).astype(int)
    return told(s.assign(right=right, one=1), "right", "one")


def low_cost_payments(f: Frames) -> Rows:
    p = f.payments[f.payments.method.notna()]
    p = p.assign(low=p.method.isin(LOW).astype(int), one=1)
    sums = p.groupby(KEY, observed=True)[["low", "one"]].sum().reset_index()
    return told(sums, "low", "one")


def cost_per_payment(f: Frames) -> Rows:
    c = f.read("cost", ["landlord", "kind", "year", "method", "outturn"])
    c = c[(c.kind == "collection") & (c.year == f.start.year) & c.outturn.notna()]
    key = ["landlord", "method"]
    pence = c.groupby(key, observed=True).outturn.sum().reset_index()
    made = f.payments.groupby(key, observed=True).size().rename("payments").reset_index()
    joined = made.astype({"method": object}).merge(pence.astype({"method": object}), on=key)
    found = told(joined, "outturn", "payments")
    return {k: (pounds / 100, payments, n) for k, (pounds, payments, n) in found.items()}


def questions() -> Iterator[tuple[str, Callable[[Frames], Rows]]]:
    """Each question by its measure."""
    for area, asked in (
        ("rents", (payment_methods, collection_rate, current_tenant_arrears)),
        ("rents", (former_tenant_arrears, arrears_cause_known, arrears_awaiting_benefit)),
        ("rents", (accounts_clear, arrears_gap, former_tenant_arrears_collected)),
        ("rents", (costs_and_recharges_recovered, write_offs_approved, debts_kept_apart)),
        ("rents", (statements_reconcile, low_cost_payments)),
        ("money", (cost_per_payment,)),
    ):
        for one in asked:
            yield f"{area}/{one.__name__.replace('_', '-')}", one


def compute(folder: Path, start: date, end: date, *, shared: bool) -> dict[str, Rows]:
    """Numerator, denominator and n by measure and landlord.

    Either each question is asked by itself, as measures are, or what was read and made for one
    stays in memory for the others (``shared``), as in a notebook.
    """
    frames = Frames(folder, start, end)
    found = {}
    for name, one in questions():
        found[name] = one(frames if shared else Frames(folder, start, end))
    return found
