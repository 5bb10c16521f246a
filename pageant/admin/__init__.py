from pageant.admin import cosponsorships, monthly_reports, pageants

__all__ = ["cosponsorships", "monthly_reports", "pageants"]
