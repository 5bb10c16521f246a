"""Metrics for Prometheus at /metrics: numbers about the site, none of them about a person (docs/metrics.md).

counted    each request, in memory that all processes of one gunicorn share (shared.py, requests.py)
looked at  whenever somebody asks: queues, jobs, the mail server, readiness, the database (families.py)
served     to whoever asks from this machine or has the token (page.py); for all others there is no such page
"""
