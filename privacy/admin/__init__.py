from privacy.admin import policy, records, requests

__all__ = ["policy", "records", "requests"]
