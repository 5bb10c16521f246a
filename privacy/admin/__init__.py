from privacy.admin import policy, purging, records, requests, visits

__all__ = ["policy", "purging", "records", "requests", "visits"]
