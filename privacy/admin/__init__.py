from privacy.admin import policy, records, requests, visits

__all__ = ["policy", "records", "requests", "visits"]
