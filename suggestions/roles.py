"""What staff in each role may do with suggested websites."""

from core.role_sync import MODERATORS, PRIVACY_OFFICERS

ROLES = {
    MODERATORS: [
        "view_suggestion",
        "change_suggestion",
        "moderate_suggestion",
        "view_report",
        "change_report",
        "view_category",
    ],
    PRIVACY_OFFICERS: ["view_suggestion", "view_suggestion_email", "view_report", "view_category"],
}
