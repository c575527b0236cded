"""Words by which a detailed question, a piece of evidence or a check names something concrete.

A sentence passes if it names a record, a number, or a thing that can be seen, visited or
counted. Words too loose to ask for by name (service, quality, need, issue) are not here.
"""

from __future__ import annotations

import re


def _words(block: str) -> frozenset[str]:
    return frozenset(block.split())


RECORDS = _words("""
account accounts advert adverts agenda agendas agreement agreements analysis appraisal
appraisals audit audits balance bill bills booklet briefing budget budgets card cards case cases
certificate certificates chart charter checklist checklists circular clause code contract
contracts correspondence database diary directory document documents email emails evaluation
extract file files form forms guidance guide handbook induction invoice invoices leaflet
leaflets ledger letter letters licence list lists log logs map maps matrix memorandum message
messages minute minutes newsletter newsletters notice notices objectives order orders page pages
paper papers payroll photograph photographs plan plans policies policy poster posters procedure
procedures programme programmes protocol protocols questionnaire questionnaires ranking receipt
receipts record recording recordings records register registers report reports return returns
review reviews risk roll rota rule sample samples schedule schedules scorecard script scripts
sheet sheets specification specifications spreadsheet standard standards statement statements
strategies strategy structure survey surveys system systems table target targets template
templates tender tenders timetable timetables transcript translation translations website
worksheet
""")

NUMBERS = _words("""
cost costs count counts date dates day days eight expenditure fifteen figure figures five four
half income indicator indicators month months nine percent percentage pounds proportion quarter
quartile rate rates seven share six spend ten three twelve twenty two week weeks year years
""")

THINGS = _words("""
agencies appliance appliances applicants appointment appointments block blocks call calls
campaign campaigns carers complainants complaint complaints contractor contractors councillors
counter course courses court desk directors doorstep doorsteps employees enquiries enquiry
estate estates event events forum grant grants group groups home homes incident incidents
inspection inspections interview interviews leaders letting lettings managers meeting meetings
members minority nomination nominations office officer officers offices panel panels priorities
project projects properties property reception referral referrals repair repairs request
requests residents scheme schemes sign-up sign-ups staff suggestion suggestions tenancies
tenancy tenants tour training transfer transfers viewing viewings visit visits walkabout
wheelchair workers
""")

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*|\d+")


def concrete(text: str, *kinds: frozenset[str]) -> list[str]:
    """The words of these kinds in a text; digits count as numbers."""
    wanted = {word for kind in kinds for word in kind}
    digits = NUMBERS in kinds
    return [w for w in _WORD.findall(text.lower()) if w in wanted or (digits and w.isdigit())]
