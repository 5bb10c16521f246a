from pageant.admin import cosponsorships, pageants

__all__ = ["cosponsorships", "pageants"]
