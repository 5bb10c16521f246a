from pageant.admin import cosponsorships, pageants, reports

__all__ = ["cosponsorships", "pageants", "reports"]
