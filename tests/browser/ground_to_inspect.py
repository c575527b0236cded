"""Run as a process: people with accounts, an inspectorate and a landlord, and nothing inspected.

Usage: ``python ground_to_inspect.py DATA``. Says as JSON what was made.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PASSWORD = "walked-from-end-to-end"
PEOPLE = {
    "lead": ("Sioned Arthur", "Arolygiaeth Taith", "lead"),
    "inspector": ("Geraint Huws", "Arolygiaeth Taith", "assessor"),
    "moderator": ("Eleri Prys", "Arolygiaeth Taith", "reader"),
    "landlord": ("Tomos Bevan", "Cartrefi Taith", "administrator"),
}


def main(data: Path) -> None:
    from kloe.web import boot

    boot.start(data)
    from kloe.web.accounts.models import User
    from kloe.web.organisations import actions as organisations
    from kloe.web.organisations.models import Membership, Organisation

    for key, (name, of, role) in PEOPLE.items():
        organisation = Organisation.objects.filter(name=of).first() or organisations.create(
            by=None, name=of, jurisdiction="wales", homes=900, invented=True
        )
        user = User.objects.create_user(f"{key}@taith.example", PASSWORD, name=name)
        Membership.objects.create(organisation=organisation, user=user, role=role)
    people = {key: f"{key}@taith.example" for key in PEOPLE}
    print(json.dumps({"people": people, "password": PASSWORD}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
