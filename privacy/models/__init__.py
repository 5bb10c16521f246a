from privacy.models.attempt import Attempt
from privacy.models.audience import AudienceDay, AudienceSeen
from privacy.models.cookie_choice import CookieChoice
from privacy.models.data_request import DataRequest
from privacy.models.digest_key import DigestKey
from privacy.models.disclosure import Disclosure, Pseudonym
from privacy.models.erasure_receipt import ErasureReceipt
from privacy.models.machine import Machine
from privacy.models.mailed_link import EarlierToken, MailedLink
from privacy.models.policy_version import PolicyVersion
from privacy.models.spool_file import SpoolFile
from privacy.models.visit import Visit, VisitHour

__all__ = [
    "Attempt",
    "AudienceDay",
    "AudienceSeen",
    "CookieChoice",
    "DataRequest",
    "DigestKey",
    "Disclosure",
    "EarlierToken",
    "ErasureReceipt",
    "Machine",
    "MailedLink",
    "PolicyVersion",
    "Pseudonym",
    "SpoolFile",
    "Visit",
    "VisitHour",
]
