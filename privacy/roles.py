"""What staff in each role may do with the policy, requests, the visit log and the ledger."""

from core.role_sync import PRIVACY_OFFICERS

ROLES = {
    PRIVACY_OFFICERS: [
        "view_policyversion",
        "add_policyversion",
        "change_policyversion",
        "delete_policyversion",
        "publish_policyversion",
        "view_cookiechoice",
        "view_datarequest",
        "add_datarequest",
        "change_datarequest",
        "answer_datarequest",
        "view_erasurereceipt",
        "view_visit",
        "view_audienceday",
        "view_disclosure",
    ],
}
