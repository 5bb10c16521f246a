"""What staff in each role may do with pageants, entries and co-sponsorships."""

from core.role_sync import MODERATORS, PRIVACY_OFFICERS

ROLES = {
    MODERATORS: ["view_pageant", "view_entry", "moderate_entry", "view_report", "change_report"],
    PRIVACY_OFFICERS: [
        "view_pageant",
        "view_entry",
        "view_entry_email",
        "view_agreement",
        "view_cosponsorship",
        "hand_over_cosponsorship",
        "view_sponsorreport",
        "send_sponsorreport",
    ],
}
