from pageant.models.abuse_report import Report
from pageant.models.agreement import Agreement
from pageant.models.cosponsorship import Cosponsorship
from pageant.models.draft import Draft
from pageant.models.entry import Entry, Hobby
from pageant.models.pageant import Pageant, Tally
from pageant.models.photo import Photo
from pageant.models.public_hobby import PublicHobby
from pageant.models.sponsor_report import SponsorReport

__all__ = [
    "Agreement",
    "Cosponsorship",
    "Draft",
    "Entry",
    "Hobby",
    "Pageant",
    "Photo",
    "PublicHobby",
    "Report",
    "SponsorReport",
    "Tally",
]
