from suggestions.models.abuse_report import Report
from suggestions.models.category import Category
from suggestions.models.suggestion import Suggestion

__all__ = ["Category", "Report", "Suggestion"]
